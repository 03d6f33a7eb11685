import { jest } from '@jest/globals';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/**
 * CDK 2.130: three stacks bound to no account that import each other's exports, a nested stack for
 * the network, parameters without defaults, the first image as an asset of the CDK app, a deploy.sh
 * that pushes nothing, a sidecar of another registry, Fargate Spot and autoscaling, a listener that
 * redirects, a secret's ARN put together by Join, a buildspec and image definitions in folders of
 * their own, a manual approval, a notification rule.
 */
jest.setTimeout(REHEARSAL_TIMEOUT_MS);
const scratch = scratchDirectory();
const collector = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.40.0';
const parameters = {
  VpcCidr: '10.20.0.0/16',
  'Web:ReplyTo': 'readers@example.com',
  '/shared/mail/host': 'mail.example.com',
};

test('parameters that nobody gave are asked for by name, all at once', async () => {
  await expect(rehearse('newsletter', scratch)).rejects.toThrow(
    /'VpcCidr' of stack 'Foundation' .*1 more .*\n.*--parameter VpcCidr=value .*a \/16\n.*--parameter ReplyTo=value/,
  );
});

test('a sidecar of another registry is named with the ways to go on', async () => {
  await expect(rehearse('newsletter', scratch, { parameters })).rejects.toThrow(
    `container 'traces' of service 'newsletter' in stack 'Web': '${collector}' is in another registry`,
  );
});

test('a project of nested and exporting stacks whose first image is an asset is released', async () => {
  const result = await rehearse('newsletter', scratch, {
    parameters,
    allowUnplayed: [collector],
  });
  const unproven = result.report.unproven.join('\n');

  expect(failedChecks(result)).toEqual([]);
  expect(unproven).toContain(`Container 'traces' of service 'newsletter' was left out`);
  expect(unproven).toContain(`The secret 'ci/github' is in no template`);
  expect(result.report.resources.accepted.map(({ type }) => type)).toContain(
    'AWS::ApplicationAutoScaling::ScalableTarget',
  );
});
