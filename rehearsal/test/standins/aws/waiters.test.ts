import { createAwsServices } from '../../_helpers/aws-services';

const WAIT = 'ecr wait image-scan-complete --repository-name team/api --image-id imageTag=abc1234';
const MINUTE = 60_000;

/** The program in front of a registry with one image, scanned as its rules say. */
function createAws(scanFrequency?: 'SCAN_ON_PUSH' | 'CONTINUOUS_SCAN') {
  const { images, aws, clock } = createAwsServices();
  images.createRepository('team/api');
  if (scanFrequency !== undefined) {
    const rules = [{ scanFrequency, repositoryFilters: ['*'] }];
    images.putScanningConfiguration({ scanType: 'ENHANCED', rules });
  }
  const digest = `sha256:${'a'.repeat(64)}`;
  images.putImage({ repositoryName: 'team/api', digest, tags: ['abc1234'], size: 42 });
  const run = (line: string) => aws(line.split(' '));
  return { run, clock };
}

test('waiting for a scan that is over ends at once and prints nothing', async () => {
  const { run } = createAws('SCAN_ON_PUSH');
  expect(await run(WAIT)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('waiting for a continuous scan is in vain for five minutes', async () => {
  const { run, clock } = createAws('CONTINUOUS_SCAN');
  let exitCode: number | undefined;
  const waiting = run(WAIT).then((result) => {
    exitCode = result.exitCode;
    return result;
  });
  await clock.advance(5 * MINUTE - 5_001);
  expect(exitCode).toBeUndefined();
  await clock.advance(1);
  expect(await waiting).toEqual({
    exitCode: 255,
    stdout: '',
    stderr: '\naws: [ERROR]: Waiter ImageScanComplete failed: Max attempts exceeded\n',
  });
});

test('waiting for a scan that never began fails at once', async () => {
  const { exitCode, stderr } = await createAws().run(WAIT);
  expect(exitCode).toBe(255);
  expect(stderr).toMatch(
    /^\naws: \[ERROR\]: Waiter ImageScanComplete failed: An error occurred \(ScanNotFoundException\): Image scan does not exist/,
  );
});

test('waiting for something else is refused with what can be waited for', async () => {
  const { run } = createAws();
  const { exitCode, stderr } = await run('ecr wait lifecycle-policy-preview-complete');
  expect(exitCode).toBe(252);
  expect(stderr).toContain("does not play 'aws ecr wait'");
  expect(stderr).toContain('wait image-scan-complete');
});
