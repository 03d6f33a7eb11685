import type { ActionRunner } from '../../src/codepipeline/actions/action';
import { cloudwatchAlarmRule } from '../../src/codepipeline/rules/cloudwatch-alarm';
import type { AlarmState } from '../../src/cloudwatch/alarm-evaluation';
import { policyAuthorizer } from '../_helpers/policy-authorizer';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { action, source, testPipeline, until } from './_helpers/test-pipeline';

const scratch = scratchDirectory();

const condition = (
  Provider: string,
  Configuration: Record<string, string>,
  more: Record<string, unknown> = {},
) => ({
  Conditions: [
    {
      Result: 'FAIL',
      Rules: [
        {
          Name: 'Gate',
          RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider, Version: '1' },
          Configuration,
          ...more,
        },
      ],
    },
  ],
});

describe('the rule DeploymentWindow', () => {
  const deployAt = async (time: string, Cron: string, TimeZone?: string) => {
    const configuration = { Cron, ...(TimeZone !== undefined && { TimeZone }) };
    const { execute, clock } = testPipeline(scratch, {
      Source: [source()],
      Deploy: {
        actions: [action('Deploy')],
        properties: { BeforeEntry: condition('DeploymentWindow', configuration) },
      },
    });
    await clock.advance(Date.parse(time) - clock.now());
    const execution = await execute();
    return execution.stages[1];
  };

  it('lets executions in at the times of its cron expression', async () => {
    const inside = await deployAt('2030-03-04T10:30:00Z', '* * 9-17 ? * MON-FRI');
    expect(inside?.status).toBe('Succeeded');
    const outside = await deployAt('2030-03-04T18:00:00Z', '* * 9-17 ? * MON-FRI');
    expect(outside).toMatchObject({
      status: 'Failed',
      summary:
        'rule Gate: 2030-03-04T18:00:00.000Z is outside of the window * * 9-17 ? * MON-FRI (UTC)',
    });
  });

  it('goes by the clocks of its time zone', async () => {
    const cron = '* * 9-17 ? * MON-FRI';
    expect((await deployAt('2030-03-04T23:30:00Z', cron, 'Asia/Seoul'))?.status).toBe('Failed');
    expect((await deployAt('2030-03-05T00:30:00Z', cron, 'Asia/Seoul'))?.status).toBe('Succeeded');
  });

  it.each([
    ['* * 9 ? *', 'it needs six fields'],
    ['0 * 9 ? * *', 'only * is allowed'],
    ['* * 24 ? * *', "'24' is not between 0 and 23"],
  ])('with %s fails and says why', async (cron, reason) => {
    expect((await deployAt('2030-03-04T10:00:00Z', cron))?.summary).toContain(reason);
  });

  it('in no time zone fails and says so', async () => {
    const stage = await deployAt('2030-03-04T10:00:00Z', '* * * * * *', 'Mars/Olympus');
    expect(stage?.summary).toContain("'Mars/Olympus' is no time zone");
  });
});

describe('the rule CloudWatchAlarm', () => {
  const withAlarm = (configuration: Record<string, string>, denied: string[] = []) => {
    const alarm: { state: AlarmState | undefined } = { state: 'OK' };
    const made = testPipeline(
      scratch,
      {
        Source: [source()],
        Deploy: {
          actions: [action('Deploy')],
          properties: { OnSuccess: condition('CloudWatchAlarm', configuration) },
        },
      },
      {},
      (clock) => ({
        'Rule/AWS/CloudWatchAlarm/1': cloudwatchAlarmRule({
          clock,
          authorizer: policyAuthorizer(denied),
          stateOf: (name) => (name === 'errors' ? alarm.state : undefined),
        }),
      }),
    );
    return { ...made, alarm };
  };

  it.each([
    ['OK', undefined, 'Succeeded'],
    ['ALARM', undefined, 'Failed'],
    ['INSUFFICIENT_DATA', undefined, 'Succeeded'],
    ['INSUFFICIENT_DATA', 'ALARM,INSUFFICIENT_DATA', 'Failed'],
  ] as const)('with the alarm in %s and the states %s: %s', async (state, states, status) => {
    const configuration = {
      AlarmName: 'errors',
      ...(states !== undefined && { AlarmStates: states }),
    };
    const { execute, alarm } = withAlarm(configuration);
    alarm.state = state;
    expect((await execute()).status).toBe(status);
  });

  it('gives the alarm its time to change', async () => {
    const { start, clock, alarm } = withAlarm({ AlarmName: 'errors', WaitTime: '20' });
    const { execution, finished } = start();
    await until(() => execution.stages[1]?.actions[0]?.status === 'Succeeded');
    await clock.advance(19 * 60_000);
    expect(execution.status).toBe('InProgress');
    alarm.state = 'ALARM';
    await clock.advance(60_000);
    await finished;
    expect(execution.stages[1]?.summary).toBe(
      "rule Gate: the alarm 'errors' is in the state ALARM",
    );
  });

  it('needs an alarm, and a role that may look at it', async () => {
    const unknown = withAlarm({ AlarmName: 'nobody' });
    expect((await unknown.execute()).stages[1]?.summary).toContain("there is no alarm 'nobody'");
    const denied = withAlarm({ AlarmName: 'errors' }, ['cloudwatch:DescribeAlarms']);
    expect((await denied.execute()).stages[1]?.summary).toContain('cloudwatch:DescribeAlarms');
  });
});

describe('a rule that runs what an action would', () => {
  it('gets variables, commands and artifacts as an action does, as its own role', async () => {
    const seen: unknown[] = [];
    const commands: ActionRunner = async (run) => {
      const { action: rule, caller, artifacts } = run;
      seen.push(rule.commands, rule.configuration, caller);
      await artifacts.unpack('Code', caller);
      return { status: 'Succeeded' };
    };
    const gate = condition(
      'Commands',
      { Commit: '#{Source.CommitId}' },
      {
        Commands: ['test #{Source.CommitId} = c0ffee'],
        InputArtifacts: [{ Name: 'Code' }],
        RoleArn: 'arn:aws:iam::000000000000:role/gate',
      },
    );
    const { execute } = testPipeline(
      scratch,
      {
        Source: [source()],
        Deploy: { actions: [action('Deploy')], properties: { BeforeEntry: gate } },
      },
      {},
      () => ({ 'Rule/AWS/Commands/1': commands }),
    );
    expect((await execute()).status).toBe('Succeeded');
    expect(seen).toMatchObject([
      ['test c0ffee = c0ffee'],
      { Commit: 'c0ffee' },
      { kind: 'role', roleArn: 'arn:aws:iam::000000000000:role/gate' },
    ]);
  });

  it('lets nobody in when a build of it fails', async () => {
    const { execute } = testPipeline(
      scratch,
      {
        Source: [source()],
        Deploy: {
          actions: [action('Deploy')],
          properties: { BeforeEntry: condition('CodeBuild', { ProjectName: 'gate' }) },
        },
      },
      {},
      () => ({
        'Rule/AWS/CodeBuild/1': () => Promise.resolve({ status: 'Failed', summary: 'it is red' }),
      }),
    );
    expect((await execute()).stages[1]?.summary).toBe('rule Gate: it is red');
  });
});
