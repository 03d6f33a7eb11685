import { awaitScan, type Described } from '../../release/await-scan';
import { readScan } from '../../release/image-scan';

const complete = (findings: object) => ({
  imageScanStatus: { status: 'COMPLETE' },
  imageScanFindings: { imageScanCompletedAt: '2026-01-01T00:00:00+00:00', ...findings },
});

test('of the findings of a basic scan only the critical ones count', () => {
  const attributes = [
    { key: 'package_version', value: '3.0.11' },
    { key: 'package_name', value: 'openssl' },
  ];
  const state = readScan(
    complete({
      findings: [
        { name: 'CVE-2026-0001', severity: 'CRITICAL', uri: 'https://example/0001', attributes },
        { name: 'CVE-2026-0002', severity: 'HIGH' },
      ],
    }),
  );
  expect(state).toEqual({
    kind: 'complete',
    critical: [{ id: 'CVE-2026-0001', about: 'openssl 3.0.11', url: 'https://example/0001' }],
  });
});

test('findings of Inspector count as well', () => {
  const state = readScan({
    ...complete({
      enhancedFindings: [
        {
          title: 'CVE-2026-0003 - express',
          severity: 'CRITICAL',
          packageVulnerabilityDetails: {
            vulnerabilityId: 'CVE-2026-0003',
            sourceUrl: 'https://example/0003',
          },
        },
      ],
    }),
    imageScanStatus: { status: 'ACTIVE' },
  });
  expect(state).toEqual({
    kind: 'complete',
    critical: [
      { id: 'CVE-2026-0003', about: 'CVE-2026-0003 - express', url: 'https://example/0003' },
    ],
  });
});

test.each([
  ['is pending', { imageScanStatus: { status: 'PENDING' } }],
  ['goes on', { imageScanStatus: { status: 'IN_PROGRESS' } }],
  ['is complete, but has no findings yet', { imageScanStatus: { status: 'COMPLETE' } }],
])('a scan that %s is waited for', (_, answer) => {
  expect(readScan(answer)).toEqual({ kind: 'waiting' });
});

test('an image that ECR cannot scan is no image without findings', () => {
  const imageScanStatus = { status: 'UNSUPPORTED_IMAGE', description: 'no operating system' };
  expect(readScan({ imageScanStatus })).toEqual({
    kind: 'impossible',
    reason: 'UNSUPPORTED_IMAGE: no operating system',
  });
});

describe('waiting', () => {
  const notFound = { failure: 'An error occurred (ScanNotFoundException) when …' };
  const going = { findings: { imageScanStatus: { status: 'IN_PROGRESS' } } };

  /** Answers one after the other, the last one for ever; `slept` counts milliseconds. */
  async function wait(...answers: Described[]) {
    let slept = 0;
    const result = await awaitScan(
      () => (answers.length > 1 ? answers.shift()! : answers[0]!),
      (milliseconds) => {
        slept += milliseconds;
        return Promise.resolve();
      },
    );
    return { result, slept };
  }

  test('the result is there as soon as the scan ends', async () => {
    expect(await wait(notFound, going, { findings: complete({}) })).toEqual({
      result: { kind: 'complete', critical: [] },
      slept: 10_000,
    });
  });

  test('a scan that does not begin within a minute is none', async () => {
    expect(await wait(notFound)).toEqual({
      result: { kind: 'impossible', reason: 'no scan began within 60 s' },
      slept: 60_000,
    });
  });

  test('a scan that does not end within ten minutes is none', async () => {
    expect(await wait(going)).toEqual({
      result: { kind: 'impossible', reason: 'no result within 10 minutes' },
      slept: 600_000,
    });
  });

  test('any other failure is told at once', async () => {
    const failure = 'An error occurred (AccessDeniedException) when …';
    expect(await wait({ failure })).toEqual({
      result: { kind: 'impossible', reason: failure },
      slept: 0,
    });
  });
});
