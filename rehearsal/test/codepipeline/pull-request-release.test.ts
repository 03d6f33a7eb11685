import { jest } from '@jest/globals';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { rehearse, SCENARIO_TIMEOUT_MS, type Template, untrue } from '../scenarios/_rehearse';

jest.setTimeout(SCENARIO_TIMEOUT_MS);
const scratch = scratchDirectory();

const CONNECTION = 'arn:aws:codeconnections:eu-west-1:000000000000:connection/one';

/** The template with a connection, and a trigger that waits for these events alone. */
const waitingFor =
  (...Events: string[]) =>
  ({ Resources }: Template) => {
    delete Resources['Webhook'];
    const { Stages } = Resources['Pipeline']!.Properties as { Stages: { Actions: object[] }[] };
    Object.assign(Stages[0]!.Actions[0]!, {
      ActionTypeId: { Category: 'Source', Owner: 'AWS', Provider: 'CodeStarSourceConnection' },
      Configuration: {
        ConnectionArn: CONNECTION,
        FullRepositoryId: 'someone/greeter',
        BranchName: 'main',
      },
    });
    Resources['Pipeline']!.Properties['Triggers'] = [
      {
        ProviderType: 'CodeStarSourceConnection',
        GitConfiguration: {
          SourceActionName: 'GitHub',
          PullRequest: [{ Events, Branches: { Includes: ['main'] } }],
        },
      },
    ];
    const { Policies } = Resources['PipelineRole']!.Properties as { Policies: object[] };
    const Statement = [
      { Effect: 'Allow', Action: 'codeconnections:UseConnection', Resource: CONNECTION },
    ];
    Policies.push({ PolicyName: 'source', PolicyDocument: { Version: '2012-10-17', Statement } });
  };

it.each([
  ['is opened', ['OPEN', 'UPDATED', 'CLOSED']],
  ['is merged', ['CLOSED']],
])('a pipeline that waits for pull requests releases a change whose one %s', async (_, events) => {
  const result = await rehearse(scratch, ['release'], waitingFor(...events));
  expect(untrue(result)).toEqual({});
  expect(result.report.scenarios[0]?.executions).toMatchObject([{ status: 'Succeeded' }]);
  expect(result.report.unproven.join('\n')).not.toContain('Pull requests start');
});
