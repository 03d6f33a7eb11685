import { Approvals } from '../../src/codepipeline/approvals';
import { approveAtOnce } from '../../src/codepipeline/approve-at-once';
import { approvalAction, type TopicMessage } from '../../src/codepipeline/actions/approval-action';
import type { Authorizer } from '../../src/iam/authorizer';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { serviceException } from '../_helpers/service-exception';
import { action, everythingAllowed, source, testPipeline, until } from './_helpers/test-pipeline';

const scratch = scratchDirectory();
const TOPIC = 'arn:aws:sns:ap-northeast-2:000000000000:approvals';

function approvalPipeline(
  properties: Record<string, unknown> = {},
  authorizer: Authorizer = everythingAllowed,
) {
  const approvals = new Approvals();
  const clock = new ManualClock();
  const published: TopicMessage[] = [];
  const deploy = action('Deploy');
  const run = approvalAction({
    approvals,
    clock,
    authorizer,
    publish: (message) => published.push(message),
  });
  const made = testPipeline(scratch, {
    Source: [source()],
    Approve: [{ name: 'Review', type: 'Approval/AWS/Manual/1', run, properties }],
    Deploy: [deploy],
  });
  return { ...made, approvals, clock, published, deploy };
}

async function waiting(properties?: Record<string, unknown>) {
  const made = approvalPipeline(properties);
  const started = made.start();
  await until(() => made.approvals.pending.length === 1);
  return { ...made, ...started, pending: made.approvals.pending[0]! };
}

it('a manual approval holds the execution until somebody approves', async () => {
  const { approvals, pending, execution, finished, deploy } = await waiting();
  expect([execution.status, deploy.runs()]).toEqual(['InProgress', 0]);
  approvals.putApprovalResult(pending.token, { status: 'Approved', summary: 'looks good' });
  await finished;
  expect([execution.status, deploy.runs()]).toEqual(['Succeeded', 1]);
  expect(execution.stages[1]?.actions[0]?.summary).toBe('looks good');
});

it('a rejection fails the stage with the reviewer’s words', async () => {
  const { approvals, pending, execution, finished, deploy } = await waiting();
  approvals.putApprovalResult(pending.token, { status: 'Rejected', summary: 'not on a Friday' });
  await finished;
  expect([execution.status, deploy.runs()]).toEqual(['Failed', 0]);
  expect(execution.stages[1]?.actions[0]?.summary).toBe('not on a Friday');
});

it.each([
  ['seven days', {}, 7 * 24 * 60],
  ['the minutes of the template', { TimeoutInMinutes: 30 }, 30],
])('nobody answers: it fails after %s', async (_, properties, minutes) => {
  const { clock, execution, finished, approvals } = await waiting(properties);
  await clock.advance(minutes * 60_000 - 1);
  expect(execution.status).toBe('InProgress');
  await clock.advance(1);
  await finished;
  expect(execution.status).toBe('Failed');
  expect(approvals.pending).toEqual([]);
});

it('an answer counts once, and only with the token', async () => {
  const { approvals, pending, finished } = await waiting();
  const approve = (token: string) =>
    approvals.putApprovalResult(token, { status: 'Approved', summary: '' });
  expect(() => approve('a guess')).toThrow(serviceException('InvalidApprovalTokenException'));
  approve(pending.token);
  await finished;
  expect(() => approve(pending.token)).toThrow(serviceException('InvalidApprovalTokenException'));
});

it('tells the topic who has to decide what, as AWS words it', async () => {
  const { published, pending, pipeline, finished } = await waiting({
    Configuration: {
      NotificationArn: TOPIC,
      CustomData: 'Commit #{Source.CommitId}',
      ExternalEntityLink: 'https://example.com/#{Source.CommitId}',
    },
  });
  expect(published).toMatchObject([
    {
      topicArn: TOPIC,
      subject: 'APPROVAL NEEDED: AWS CodePipeline the-pipeline for action Review',
    },
  ]);
  expect(JSON.parse(published[0]!.message)).toEqual({
    region: 'ap-northeast-2',
    consoleLink:
      'https://console.aws.amazon.com/codepipeline/home?region=ap-northeast-2#/view/the-pipeline',
    approval: {
      pipelineName: 'the-pipeline',
      stageName: 'Approve',
      actionName: 'Review',
      token: pending.token,
      expires: '2026-01-08T00:00Z',
      externalEntityLink: 'https://example.com/c0ffee',
      approvalReviewLink: `https://console.aws.amazon.com/codepipeline/home?region=ap-northeast-2#/view/the-pipeline/Approve/Review/approve/${pending.token}`,
      customData: 'Commit c0ffee',
    },
  });
  await pipeline.close();
  await finished;
});

it('fails when the pipeline’s role may not publish to the topic', async () => {
  const denies: Authorizer = {
    authorize: ({ action: call }) =>
      call === 'sns:Publish' ? { allowed: false, message: 'no sns:Publish' } : { allowed: true },
  };
  const { execute } = approvalPipeline({ Configuration: { NotificationArn: TOPIC } }, denies);
  const execution = await execute();
  expect(execution.stages[1]?.actions[0]).toMatchObject({
    status: 'Failed',
    summary: 'no sns:Publish',
  });
});

it('the rehearsal approves at once and says that this proves nothing', async () => {
  const { approvals, clock, execute } = approvalPipeline();
  const { stream, events } = recordingEvents();
  approvals.reviewer = approveAtOnce(stream, clock);
  expect((await execute()).status).toBe('Succeeded');
  expect(events).toMatchObject([
    { kind: 'unproven', message: expect.stringContaining("'Review' of stage 'Approve'") as string },
  ]);
});
