import { randomUUID } from 'node:crypto';
import { isoTime } from '../clock';
import { readPipeline } from '../codepipeline/pipeline-definition';
import { RehearsalError } from '../errors';
import { SIGNATURE_HEADER, signPayload } from '../github/webhook-signature';
import { check } from './checks/checks';
import { executionsCheck, failedActionCheck, untouchedCheck } from './checks/failure-checks';
import { deployWithoutSecrets } from './commits/deploy-without-secrets';
import { releaseCommit } from './commits/release-commit';
import { failingRelease } from './story/failing-release';
import type { Story } from './story/story';

export const otherBranch = failingRelease({
  name: 'other-branch',
  expectation:
    'A push to a branch that the pipeline does not release is delivered and starts no execution; no request is lost.',
  steps: (story) => [
    {
      title: 'git push to another branch',
      run: async () => story.push(await releaseCommit(story), 'rehearsed-feature'),
    },
    { title: 'Nothing begins', run: () => story.observe() },
  ],
  checks: (facts) => [
    executionsCheck(facts, []),
    untouchedCheck(facts),
    check(
      'the webhook answered every delivery without an error',
      facts.pushedCommits.length === 1 && facts.deliveries.every((status) => status < 300),
      facts.deliveries.join(', ') || 'no webhook is registered',
    ),
  ],
});

export const forgedWebhook = failingRelease({
  name: 'forged-webhook',
  expectation:
    "Deliveries that GitHub has not signed (no signature, a guessed secret's, another body's) are refused and start no execution; no request is lost.",
  steps: (story) => [
    { title: 'Forged deliveries', run: () => forge(story) },
    { title: 'Nothing begins', run: () => story.observe() },
  ],
  checks: (facts) => [
    executionsCheck(facts, []),
    untouchedCheck(facts),
    check(
      'all three forged deliveries were refused',
      facts.deliveries.length === 3 &&
        facts.deliveries.every((status) => status >= 400 && status < 500),
      facts.deliveries.join(', ') || 'none was answered',
    ),
  ],
});

export const missingToken = failingRelease({
  name: 'missing-token',
  expectation:
    'A deploy without the secret that holds the token is refused and names the secret. With a token that GitHub no longer knows, the execution ends in the source action, which says so; the service is not touched, and no request is lost.',
  steps: (story) => [
    { title: 'cdk deploy without the secret is refused', run: () => refuseDeploy(story) },
    {
      title: 'git push after the token was revoked',
      run: async () => {
        requireToken(story);
        const { github } = story.world;
        const { token } = github;
        github.token = `ghp_${randomUUID()}`;
        await story.push(await releaseCommit(story));
        await story.awaitExecutions();
        github.token = token;
      },
    },
  ],
  checks: (facts) => [
    executionsCheck(facts, ['Failed']),
    failedActionCheck(facts, 'Source', /access token/),
    untouchedCheck(facts),
  ],
});

/** What somebody sends who knows the address, but not the secret. */
async function forge(story: Story): Promise<void> {
  const { github, source, firstCommit } = story.world;
  const [webhook] = github.registeredWebhooks;
  if (webhook === undefined) {
    throw new RehearsalError(
      'ScenarioUnplayable',
      'no pipeline of the templates has a webhook, so there is none to forge a delivery for.',
    );
  }
  const body = JSON.stringify({ ref: `refs/heads/${source.branch}`, after: firstCommit });
  const signatures = [
    undefined,
    signPayload(body, 'guessed'),
    signPayload(`${body} `, webhook.secret ?? ''),
  ];
  for (const signature of signatures) {
    const { status } = await fetch(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        ...(signature !== undefined && { [SIGNATURE_HEADER]: signature }),
      },
      body,
    });
    story.recordForgedDelivery(status);
  }
}

/** @throws RehearsalError `DeployNotRefused` */
function refuseDeploy({ world }: Story): Promise<void> {
  const said = deployWithoutSecrets(world);
  if (said !== undefined) {
    const time = isoTime(world.clock.now());
    world.events.emit({ kind: 'progress', time, message: `deploy refused: ${said}` });
  }
  return Promise.resolve();
}

function requireToken({ world }: Story): void {
  const [pipeline] = world.deployed?.ofType('AWS::CodePipeline::Pipeline').map(readPipeline) ?? [];
  if (pipeline?.stages[0]?.actions[0]?.configuration['OAuthToken'] !== undefined) return;
  throw new RehearsalError(
    'ScenarioUnplayable',
    "the pipeline's source action uses no token, so there is none to revoke.",
  );
}
