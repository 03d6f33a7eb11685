import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allPropertiesOf, pipelineTemplate, type Properties } from '../_helpers/synth';

/** docs/failures.md shows mails of a rehearsal; this keeps them those that the rules send. */
const document = readFileSync(join(__dirname, '../../../docs/failures.md'), 'utf8');
const rules = Object.entries(allPropertiesOf(pipelineTemplate(), 'AWS::Events::Rule'));

const templateOf = ({ Targets: targets }: Properties): string => {
  const [{ InputTransformer: transformer } = {} as Properties] = targets as Properties[];
  const { InputTemplate: template = '' } = (transformer ?? {}) as { InputTemplate?: string };
  return template;
};

/** Rules whose mail a rehearsed failure of a release brings. */
const mails = rules
  .map(([id, properties]) => [id.replace(/[0-9A-F]{8}$/, ''), templateOf(properties)] as const)
  .filter(([id]) => /^(ActionFailed|DeployFailed|DeploymentFailed|ReleaseRecovered)$/.test(id));

test('all four mails about releases are in the document', () => {
  expect(mails.map(([id]) => id).sort()).toEqual([
    'ActionFailed',
    'DeployFailed',
    'DeploymentFailed',
    'ReleaseRecovered',
  ]);
});

test.each(mails)('every line of the mail of %s is', (_, template) => {
  for (const line of template.split('\n')) {
    const parts = line
      .split(/<[\w-]+>/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    expect(document).toMatch(new RegExp(parts.join('.*')));
  }
});
