import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The programs of buildspec.yml, with `aws` and `npm` that answer what a test makes them answer. */

const ROOT = join(__dirname, '../../../..');
const directory = mkdtempSync(join(tmpdir(), 'release-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
jest.setTimeout(60_000);

function answering(program: string, stdout: object, exitCode = 0): void {
  const script = `#!/bin/sh\ncat <<'END'\n${JSON.stringify(stdout)}\nEND\nexit ${exitCode}\n`;
  writeFileSync(join(directory, program), script, { mode: 0o755 });
}

function run(program: string, words: readonly string[] = [], env: Record<string, string> = {}) {
  const path = `${directory}${delimiter}${process.env['PATH'] ?? ''}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join('apps/api/release', program), ...words],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, PATH: path, ...env } },
  );
  return { status, stdout, stderr };
}

const CRITICAL = {
  imageScanStatus: { status: 'COMPLETE' },
  imageScanFindings: {
    imageScanCompletedAt: '2026-01-01T00:00:00+00:00',
    findings: [{ name: 'CVE-2026-0001', severity: 'CRITICAL', description: 'bad' }],
  },
};

test('an image with a critical vulnerability ends the build, unless it is accepted', () => {
  answering('aws', CRITICAL);
  const image = ['team/api', 'abc1234'];
  const refused = run('check-image-scan.ts', image);
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^A critical vulnerability in image team\/api:abc1234/);
  const env = { ACCEPTED_VULNERABILITIES: 'CVE-2026-0001:2999-12-31' };
  expect(run('check-image-scan.ts', image, env)).toMatchObject({ status: 0, stderr: '' });
});

test('an image that cannot be scanned ends the build, and says what can be done', () => {
  answering('aws', { imageScanStatus: { status: 'FAILED', description: 'unsupported' } });
  const image = ['team/api', 'abc1234'];
  const { status, stderr } = run('check-image-scan.ts', image);
  expect(status).toBe(1);
  expect(stderr).toContain('was not scanned, so it is not released: FAILED: unsupported');
  expect(stderr).toContain('aws ecr start-image-scan --repository-name team/api');
  const env = { ACCEPTED_VULNERABILITIES: 'IMAGE-NOT-SCANNED:2999-12-31' };
  const accepted = run('check-image-scan.ts', image, env);
  expect(accepted.status).toBe(0);
  expect(accepted.stdout).toMatch(/^Warning: image team\/api:abc1234 was NOT scanned/);
});

test('findings of Inspector that the build may not read end it, and say which permissions it lacks', () => {
  const denied = 'not authorized to perform: inspector2:ListCoverage on resource: …';
  const script = `#!/bin/sh\necho '${denied}' >&2\nexit 254\n`;
  writeFileSync(join(directory, 'aws'), script, { mode: 0o755 });
  const { status, stderr } = run('check-image-scan.ts', ['team/api', 'abc1234']);
  expect(status).toBe(1);
  expect(stderr).toContain(`is not released: ${denied}`);
  expect(stderr).toContain('inspector2:ListCoverage and inspector2:ListFindings');
  expect(stderr).not.toContain('start-image-scan');
});

test('a critical vulnerability that Inspector found ends the build while it goes on watching', () => {
  answering('aws', {
    imageScanStatus: {
      status: 'ACTIVE',
      description: 'Continuous scan is selected for image.',
    },
    imageScanFindings: {
      imageScanCompletedAt: '2026-01-01T00:00:00+00:00',
      enhancedFindings: [
        {
          title: 'CVE-2026-0002 - libxml2',
          severity: 'CRITICAL',
          packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2026-0002' },
        },
      ],
    },
  });
  const { status, stderr } = run('check-image-scan.ts', ['team/api', 'abc1234']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('CVE-2026-0002')]);
});

test('an acceptance without an end is one clear message, without a stack', () => {
  answering('aws', CRITICAL);
  const env = { ACCEPTED_VULNERABILITIES: 'CVE-2026-0001' };
  const { status, stderr } = run('check-image-scan.ts', ['team/api', 'abc1234'], env);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^ACCEPTED_VULNERABILITIES must be ids.*got 'CVE-2026-0001'\n$/);
});

test('an audit that cannot be made is a warning, and an error where it is required', () => {
  answering('npm', { message: '405 Method Not Allowed' }, 1);
  const { status, stdout } = run('check-dependencies.ts');
  expect([status, stdout]).toEqual([
    0,
    "Warning: the API's dependencies were NOT audited: 405 Method Not Allowed\n",
  ]);
  expect(run('check-dependencies.ts', [], { DEPENDENCY_AUDIT: 'required' }).status).toBe(1);
  expect(run('check-dependencies.ts', [], { DEPENDENCY_AUDIT: 'no' }).stderr).toContain("got 'no'");
});

test('a critical advisory about a dependency ends the build', () => {
  const advisory = {
    title: 'bad',
    url: 'https://github.com/advisories/GHSA-1',
    severity: 'critical',
  };
  answering('npm', { vulnerabilities: { qs: { via: [advisory] } } }, 1);
  const { status, stderr } = run('check-dependencies.ts');
  expect([status, stderr]).toEqual([1, expect.stringContaining('  GHSA-1: qs: bad')]);
});

test('the bill of materials lists what is in the bundle, and no tool of development', () => {
  rmSync(join(directory, 'npm'), { force: true });
  const file = join(directory, 'sbom.cdx.json');
  expect(run('write-sbom.ts', [file])).toMatchObject({ status: 0 });
  const { bomFormat, components } = JSON.parse(readFileSync(file, 'utf8')) as {
    bomFormat: string;
    components: { name: string; hashes?: object[] }[];
  };
  expect(bomFormat).toBe('CycloneDX');
  const names = components.map(({ name }) => name);
  // qs and ms are dependencies of development tools, too.
  expect(names).toEqual(expect.arrayContaining(['express', 'helmet', 'qs', 'ms']));
  expect(names).not.toContain('esbuild');
  expect(components.filter(({ hashes }) => hashes === undefined)).toEqual([]);
});
