import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { awaitScan, type Described } from './await-scan';
import { end } from './end';
import type { ScanFindings } from './image-scan';
import { ACCEPTED, judge, parseAccepted } from './vulnerability';

/** What can be accepted, like a vulnerability, where ECR cannot scan an image at all. */
const NOT_SCANNED = 'IMAGE-NOT-SCANNED';

const [repository = '', tag = ''] = process.argv.slice(2);

function describe(): Described {
  const { status, stdout, stderr, error } = spawnSync(
    'aws',
    [
      ...['ecr', 'describe-image-scan-findings', '--output', 'json'],
      ...['--repository-name', repository, '--image-id', `imageTag=${tag}`],
    ],
    { encoding: 'utf8', env: { ...process.env, AWS_PAGER: '' }, maxBuffer: 64 * 1024 * 1024 },
  );
  if (error) return { failure: error.message };
  return status === 0
    ? { findings: JSON.parse(stdout) as ScanFindings }
    : { failure: stderr.trim() };
}

/** `check-image-scan.ts REPOSITORY TAG`: 0 when the image may be released, else 1. */
async function check(): Promise<void> {
  if (tag === '') return end(1, 'Usage: check-image-scan.ts REPOSITORY TAG');
  const accepted = parseAccepted(process.env[ACCEPTED] ?? '');
  const today = new Date().toISOString().slice(0, 10);
  const image = `image ${repository}:${tag}`;
  const scan = await awaitScan(describe, sleep);
  if (scan.kind === 'complete') {
    const { passed, text } = judge(image, scan.critical, accepted, today);
    return end(passed ? 0 : 1, text);
  }
  if (today <= (accepted.get(NOT_SCANNED) ?? '')) {
    return end(0, `Warning: ${image} was NOT scanned, which is accepted: ${scan.reason}`);
  }
  return end(
    1,
    [
      `${image} was not scanned, so it is not released: ${scan.reason}`,
      ...howToScan(scan.reason),
      `Where ECR cannot scan it, set ${ACCEPTED}=${NOT_SCANNED}:YYYY-MM-DD, the last day on which that is accepted.`,
    ].join('\n'),
  );
}

function howToScan(reason: string): readonly string[] {
  // Enhanced scanning has permissions of its own:
  // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
  if (reason.includes('inspector2:')) {
    return [
      "Inspector scans this registry: allow the build's role inspector2:ListCoverage and inspector2:ListFindings on *.",
    ];
  }
  return [
    'Have the repository scan what is pushed, and this image once:',
    `  aws ecr put-image-scanning-configuration --repository-name ${repository} --image-scanning-configuration scanOnPush=true`,
    `  aws ecr start-image-scan --repository-name ${repository} --image-id imageTag=${tag}`,
  ];
}

check().catch((error: unknown) => end(1, error));
