import { createAwsServices } from '../../_helpers/aws-services';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const ARN = 'arn:aws:ecr:ap-northeast-2:000000000000:repository/team/api';
const IMAGE = '--repository-name team/api --image-id imageTag=abc1234';
const TIME = '2026-01-01T00:00:00+00:00';

/** A registry that Inspector scans, with one image of one critical finding. */
function createAws({
  continuously = false,
  denied = [],
}: { continuously?: boolean; denied?: string[] } = {}) {
  const { images, aws } = createAwsServices(denied);
  images.createRepository('team/api');
  const scanFrequency = continuously ? 'CONTINUOUS_SCAN' : 'SCAN_ON_PUSH';
  images.putScanningConfiguration({
    scanType: 'ENHANCED',
    rules: [{ scanFrequency, repositoryFilters: ['*'] }],
  });
  images.scans.pretend([
    { name: 'CVE-2026-0001', severity: 'CRITICAL', uri: 'https://example/0001' },
  ]);
  const image = { repositoryName: 'team/api', digest: DIGEST, tags: ['abc1234'], size: 42 };
  images.putImage(image);
  return (line: string) => aws(line.split(' '));
}

test('findings of Inspector are enhanced findings, counted by severity', async () => {
  const { stdout } = await createAws()(`ecr describe-image-scan-findings ${IMAGE}`);
  expect(JSON.parse(stdout)).toEqual({
    imageScanFindings: {
      enhancedFindings: [
        {
          awsAccountId: '000000000000',
          findingArn: expect.stringMatching(
            /^arn:aws:inspector2:ap-northeast-2:000000000000:finding\/[0-9a-f]{32}$/,
          ),
          firstObservedAt: TIME,
          lastObservedAt: TIME,
          packageVulnerabilityDetails: {
            sourceUrl: 'https://example/0001',
            vulnerabilityId: 'CVE-2026-0001',
          },
          resources: [
            {
              details: {
                awsEcrContainerImage: {
                  imageHash: DIGEST,
                  imageTags: ['abc1234'],
                  pushedAt: TIME,
                  registry: '000000000000',
                  repositoryName: 'team/api',
                },
              },
              id: `${ARN}/${DIGEST}`,
              type: 'AWS_ECR_CONTAINER_IMAGE',
            },
          ],
          severity: 'CRITICAL',
          status: 'ACTIVE',
          title: 'CVE-2026-0001',
          type: 'PACKAGE_VULNERABILITY',
          updatedAt: TIME,
        },
      ],
      imageScanCompletedAt: TIME,
      vulnerabilitySourceUpdatedAt: TIME,
      findingSeverityCounts: { CRITICAL: 1 },
    },
    registryId: '000000000000',
    repositoryName: 'team/api',
    imageId: { imageDigest: DIGEST, imageTag: 'abc1234' },
    imageScanStatus: { status: 'COMPLETE', description: 'The scan was completed successfully.' },
  });
});

test('a continuous scan is never complete', async () => {
  const { stdout } = await createAws({ continuously: true })(
    `ecr describe-image-scan-findings ${IMAGE} --query imageScanStatus`,
  );
  expect(JSON.parse(stdout)).toEqual({
    status: 'ACTIVE',
    description: 'Continuous scan is selected for image.',
  });
});

test('describe-images says nothing of enhanced scans', async () => {
  const { stdout } = await createAws()('ecr describe-images --repository-name team/api');
  expect(stdout).toContain(DIGEST);
  expect(stdout).not.toContain('imageScan');
});

test('start-image-scan is refused', async () => {
  const { exitCode, stderr } = await createAws()(`ecr start-image-scan ${IMAGE}`);
  expect([exitCode, stderr]).toEqual([
    254,
    '\naws: [ERROR]: An error occurred (ValidationException) when calling the StartImageScan operation: This feature is disabled\n',
  ]);
});

test.each([
  ['inspector2:ListCoverage', '/coverage/list'],
  ['inspector2:ListFindings', '/findings/list'],
])('findings of Inspector need %s as well', async (action, path) => {
  const { exitCode, stderr } = await createAws({ denied: [action] })(
    `ecr describe-image-scan-findings ${IMAGE}`,
  );
  expect(exitCode).toBe(254);
  expect(stderr).toContain('(AccessDeniedException) when calling the DescribeImageScanFindings');
  expect(stderr).toContain(
    `${action} on resource: arn:aws:inspector2:ap-northeast-2:000000000000:${path}`,
  );
});
