import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { unzip } from '../../src/archive/unzip';
import { ArtifactStore } from '../../src/codepipeline/artifact-store';
import { Pipeline } from '../../src/codepipeline/pipeline';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import { lostDeliveries, readWebhook } from '../../src/codepipeline/webhook-definition';
import { WebhookEndpoint } from '../../src/codepipeline/webhook-endpoint';
import { COMMITTER_ENVIRONMENT, Git } from '../../src/github/git';
import { deliver, GitHub } from '../../src/github/github';
import { childEnvironment } from '../../src/process/child-environment';
import { deployedResource } from '../_helpers/deployed-resource';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();
const environment = childEnvironment(process.env, scratch, COMMITTER_ENVIRONMENT);
const repository = { owner: 'octo', repository: 'app', token: 'ghp_secret' };
let places = 0;

async function startGitHub() {
  places += 1;
  const directory = join(scratch, String(places));
  mkdirSync(directory);
  const github = await GitHub.start({ ...repository, directory, gitEnvironment: environment });
  const work = new Git(join(directory, 'work'), environment);
  mkdirSync(work.directory);
  await work.run('init', '--quiet', '--initial-branch=main');
  await work.run('remote', 'add', 'origin', github.remote);
  const commit = async (text: string) => {
    writeFileSync(join(work.directory, 'file.txt'), text);
    await work.run('add', '.');
    await work.run('commit', '--quiet', '-m', `Change to ${text}`);
    return work.run('rev-parse', 'HEAD');
  };
  return { github, work, commit, directory };
}

function pipelineWithWebhook() {
  const name = 'the-pipeline';
  const action = (Name: string, Configuration = {}) => ({
    Name,
    ActionTypeId: { Category: 'Source', Owner: 'ThirdParty', Provider: 'GitHub', Version: '1' },
    Configuration,
  });
  const definition = readPipeline(
    deployedResource(
      'AWS::CodePipeline::Pipeline',
      {
        RoleArn: 'role',
        ArtifactStore: { Location: 'bucket' },
        Stages: [
          { Name: 'Source', Actions: [action('GitHub_Source', { Branch: 'main' })] },
          { Name: 'Build', Actions: [action('Build')] },
        ],
      },
      { physicalId: name },
    ),
  );
  const authorizer = { authorize: () => ({ allowed: true as const }) };
  const pipeline = new Pipeline(definition, {
    clock: new ManualClock(),
    events: recordingEvents().stream,
    authorizer,
    artifacts: new ArtifactStore(scratch, authorizer),
    runners: new Map([
      ['Source/ThirdParty/GitHub/1', () => Promise.resolve({ status: 'Succeeded' })],
    ]),
  });
  const webhook = readWebhook(
    deployedResource(
      'AWS::CodePipeline::Webhook',
      {
        Authentication: 'GITHUB_HMAC',
        AuthenticationConfiguration: { SecretToken: 'hook-secret' },
        Filters: [{ JsonPath: '$.ref', MatchEquals: 'refs/heads/{Branch}' }],
        TargetPipeline: name,
        TargetAction: 'GitHub_Source',
      },
      { physicalId: 'the-webhook' },
    ),
  );
  return { pipeline, webhook };
}

describe('a push', () => {
  it('to the branch of the source action starts the pipeline through a signed webhook', async () => {
    const { github, work, commit } = await startGitHub();
    const { pipeline, webhook } = pipelineWithWebhook();
    const endpoint = await WebhookEndpoint.start([webhook], [pipeline], () => undefined);
    github.addWebhook({ url: endpoint.urlOf(webhook), secret: webhook.secret });

    const first = await commit('one');
    const second = await commit('two');
    await work.run('push', '--quiet', 'origin', 'HEAD:main');

    expect(pipeline.executions.map(({ trigger }) => trigger)).toEqual([
      { type: 'Webhook', detail: 'the-webhook' },
    ]);
    expect(github.deliveries).toMatchObject([
      { responseStatus: 200, payload: { ref: 'refs/heads/main', after: second, created: true } },
    ]);
    const third = await commit('three');
    await work.run('push', '--quiet', 'origin', 'HEAD:main');
    expect(github.deliveries[1]?.payload).toMatchObject({
      before: second,
      after: third,
      head_commit: { id: third, message: 'Change to three' },
      repository: { full_name: 'octo/app' },
    });
    expect(first).not.toBe(second);
    await Promise.all([github.close(), endpoint.close()]);
  });

  it('to another branch is delivered and starts nothing', async () => {
    const { github, work, commit } = await startGitHub();
    const { pipeline, webhook } = pipelineWithWebhook();
    const endpoint = await WebhookEndpoint.start([webhook], [pipeline], () => undefined);
    github.addWebhook({ url: endpoint.urlOf(webhook), secret: webhook.secret });
    await commit('one');
    await work.run('push', '--quiet', 'origin', 'HEAD:feature');
    expect(github.deliveries).toHaveLength(1);
    expect(pipeline.executions).toEqual([]);
    await Promise.all([github.close(), endpoint.close()]);
  });

  it('forged without the secret is answered 403 and starts nothing', async () => {
    const { pipeline, webhook } = pipelineWithWebhook();
    const endpoint = await WebhookEndpoint.start([webhook], [pipeline], () => undefined);
    const status = await deliver(
      { url: endpoint.urlOf(webhook), secret: 'a guess' },
      JSON.stringify({ ref: 'refs/heads/main' }),
    );
    expect(status).toBe(403);
    expect(pipeline.executions).toEqual([]);
    await endpoint.close();
  });
});

describe('the archive of a commit', () => {
  it('holds the files of that commit', async () => {
    const { github, work, commit, directory } = await startGitHub();
    const id = await commit('archived');
    await work.run('push', '--quiet', 'origin', 'HEAD:main');
    const zip = join(directory, 'source.zip');
    const archived = await github.archive({ ...repository, revision: 'main' }, zip);
    expect(archived).toMatchObject({ commit: id, message: 'Change to archived' });
    await unzip(zip, join(directory, 'unpacked'));
    expect(readFileSync(join(directory, 'unpacked', 'file.txt'), 'utf8')).toBe('archived');
    await github.close();
  });

  it.each([
    ['a wrong token', { token: 'ghp_old' }, 'The access token might be invalid'],
    ['another repository', { repository: 'other' }, 'does not exist, or the GitHub access token'],
    ['a branch that is not there', { revision: 'none' }, 'The branch "none" does not exist'],
  ])('is refused for %s', async (_, change, message) => {
    const { github, work, commit, directory } = await startGitHub();
    await commit('one');
    await work.run('push', '--quiet', 'origin', 'HEAD:main');
    const request = { ...repository, revision: 'main', ...change };
    await expect(github.archive(request, join(directory, 's.zip'))).rejects.toThrow(message);
    await github.close();
  });
});

it('does not take pushes from anyone but its own hook', async () => {
  const { github } = await startGitHub();
  const hook = readFileSync(join(github.remote, 'hooks', 'post-receive'), 'utf8');
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(hook)![0];
  const response = await fetch(url, { method: 'POST', body: '0 1 refs/heads/main' });
  expect(response.status).toBe(500);
  expect(github.deliveries).toEqual([]);
  await github.close();
});

describe('the webhook endpoint', () => {
  const start = async (properties: Record<string, unknown> = {}) => {
    const { pipeline } = pipelineWithWebhook();
    const webhook = readWebhook(
      deployedResource(
        'AWS::CodePipeline::Webhook',
        {
          Authentication: 'GITHUB_HMAC',
          AuthenticationConfiguration: { SecretToken: 'hook-secret' },
          Filters: [{ JsonPath: '$.ref', MatchEquals: 'refs/heads/{Branch}' }],
          TargetPipeline: pipeline.definition.name,
          TargetAction: 'GitHub_Source',
          ...properties,
        },
        { physicalId: 'the-webhook' },
      ),
    );
    const endpoint = await WebhookEndpoint.start([webhook], [pipeline], () => undefined);
    return { pipeline, webhook, endpoint, url: endpoint.urlOf(webhook) };
  };
  const secret = 'hook-secret';
  const push = JSON.stringify({ ref: 'refs/heads/main', repository: { name: 'app' } });

  it('answers GitHub’s ping and starts nothing', async () => {
    const { endpoint, pipeline, url } = await start();
    expect(await deliver({ url, secret }, JSON.stringify({ zen: 'Keep it.' }), 'ping')).toBe(200);
    expect(pipeline.executions).toEqual([]);
    await endpoint.close();
  });

  it('answers 400 to a signed payload that is not JSON', async () => {
    const { endpoint, pipeline, url } = await start();
    expect(await deliver({ url, secret }, '{"ref": ')).toBe(400);
    expect(await deliver({ url, secret }, '')).toBe(400);
    expect(await deliver({ url, secret }, 'null')).toBe(200);
    expect(pipeline.executions).toEqual([]);
    await endpoint.close();
  });

  it('starts only when every one of several filters matches', async () => {
    const filter = { JsonPath: '$.repository.name', MatchEquals: 'web' };
    const { endpoint, pipeline, url } = await start({
      Filters: [{ JsonPath: '$.ref', MatchEquals: 'refs/heads/main' }, filter],
    });
    expect(await deliver({ url, secret }, push)).toBe(200);
    expect(pipeline.executions).toEqual([]);
    await deliver({ url, secret }, push.replace('app', 'web'));
    expect(pipeline.executions).toHaveLength(1);
    await endpoint.close();
  });

  it('takes unsigned deliveries when it is UNAUTHENTICATED', async () => {
    const { endpoint, pipeline, url } = await start({
      Authentication: 'UNAUTHENTICATED',
      AuthenticationConfiguration: {},
    });
    expect(await deliver({ url, secret: undefined }, push)).toBe(200);
    expect(pipeline.executions).toHaveLength(1);
    await endpoint.close();
  });

  it('without a signature, or with the older SHA-1 one, starts nothing', async () => {
    const { endpoint, pipeline, url } = await start();
    const headers = { 'x-github-event': 'push', 'x-hub-signature': 'sha1=abc' };
    const response = await fetch(url, { method: 'POST', body: push, headers });
    expect(response.status).toBe(403);
    expect(await deliver({ url, secret: undefined }, push)).toBe(403);
    expect(pipeline.executions).toEqual([]);
    await endpoint.close();
  });

  it.each([
    ['another method', 405, { path: '', method: 'GET' }],
    ['a name that nobody has', 404, { path: '-2', method: 'POST' }],
    ['a path below the webhook', 404, { path: '/more', method: 'POST' }],
    ['a path that cannot be decoded', 404, { path: '%E0%A4%A', method: 'POST' }],
  ])('answers %s with %i', async (_, status, { path, method }) => {
    const { endpoint, pipeline, url } = await start();
    const headers = { 'x-github-event': 'push' };
    const body = method === 'POST' ? { body: push } : {};
    const response = await fetch(`${url}${path}`, { method, headers, ...body });
    expect(response.status).toBe(status);
    expect(pipeline.executions).toEqual([]);
    await endpoint.close();
  });

  it('answers 413 to more than GitHub’s 25 MB before reading them', async () => {
    const { endpoint, url } = await start();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-length': 26 * 1024 * 1024 };
      const request = httpRequest(url, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on('error', reject).flushHeaders();
    });
    expect(status).toBe(413);
    await endpoint.close();
  });

  describe('with an allowed range of addresses', () => {
    const byAddress = (AllowedIPRange: string) => ({
      Authentication: 'IP',
      AuthenticationConfiguration: { AllowedIPRange },
    });
    const startRegistered = async (range: string) => {
      const started = await start(byAddress(range));
      return { ...started, registered: started.endpoint.registrationOf(started.webhook) };
    };

    it('starts for what comes from there, unsigned, and answers 403 to everybody else', async () => {
      const { endpoint, pipeline, webhook, registered } = await startRegistered('192.30.252.0/22');
      const from = (address: string) => deliver(registered, push, 'push', address);
      expect(await from('192.30.252.4')).toBe(200);
      expect(pipeline.executions).toHaveLength(1);
      expect(await from('140.82.112.4')).toBe(403);
      expect(await deliver({ ...registered, comesFrom: () => undefined }, push)).toBe(403);
      expect(pipeline.executions).toHaveLength(1);
      expect(lostDeliveries(webhook)).toContain('admits 192.30.252.0/22 only');
      expect(lostDeliveries(webhook)).toContain('140.82.112.0/20, 185.199.108.0/22');
      await endpoint.close();
    });

    it('gets some pushes of GitHub and not others, as its addresses change', async () => {
      const { github, work, commit } = await startGitHub();
      const { endpoint, pipeline, registered } = await startRegistered('140.82.112.0/20');
      github.addWebhook(registered);
      for (const text of ['one', 'two']) {
        await commit(text);
        await work.run('push', '--quiet', 'origin', 'HEAD:main');
      }
      expect(github.deliveries.map(({ responseStatus }) => responseStatus)).toEqual([200, 403]);
      expect(pipeline.executions).toHaveLength(1);
      await Promise.all([github.close(), endpoint.close()]);
    });

    it('that is everything admits everybody', async () => {
      const { endpoint, url, webhook } = await start(byAddress('0.0.0.0/0'));
      expect(await deliver({ url, secret: undefined }, push)).toBe(200);
      expect(lostDeliveries(webhook)).toBeUndefined();
      await endpoint.close();
    });

    it.each(['192.30.252.0', '192.30.252.0/33', 'GitHub', ''])(
      'that is %j is refused',
      async (no) => {
        await expect(start(byAddress(no))).rejects.toThrow('expected a CIDR block');
      },
    );
  });

  it('with a filter path that is not played is refused before anything runs', async () => {
    const filters = { Filters: [{ JsonPath: '$..ref', MatchEquals: 'x' }] };
    await expect(start(filters)).rejects.toThrow("'$..ref' is not played");
  });
});

describe('the changed files of a push', () => {
  const pushes = async () => {
    const { github, work, commit } = await startGitHub();
    const seen: (readonly string[])[] = [];
    github.onPush(({ changedFiles }) => seen.push(changedFiles));
    return { github, work, commit, seen };
  };

  it('are those between the old and the new commit, with names as they are', async () => {
    const { github, work, commit, seen } = await pushes();
    await commit('one');
    await work.run('push', '--quiet', 'origin', 'HEAD:main');
    writeFileSync(join(work.directory, 'größe "x".txt'), 'new');
    await commit('two');
    await work.run('mv', 'file.txt', 'moved.txt');
    await work.run('commit', '--quiet', '-m', 'move');
    await work.run('push', '--quiet', 'origin', 'HEAD:main');
    expect(seen[0]).toEqual(['file.txt']);
    expect([...(seen[1] ?? [])].sort()).toEqual(['file.txt', 'größe "x".txt', 'moved.txt']);
    await github.close();
  });

  it('are none when a branch is deleted', async () => {
    const { github, work, commit, seen } = await pushes();
    await commit('one');
    await work.run('push', '--quiet', 'origin', 'HEAD:feature');
    await work.run('push', '--quiet', 'origin', ':feature');
    expect(seen[1]).toEqual([]);
    await github.close();
  });
});
