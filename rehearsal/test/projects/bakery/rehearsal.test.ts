import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/**
 * CDK 2.276: a V1 pipeline with a CodeCommit source that an EventBridge rule starts, a full clone
 * for the build, which tags by `git rev-parse`, a branch that is not main, one task in public
 * subnets, a single service pattern, `stable` as the image of the stack, and no package.json.
 */
const scratch = scratchDirectory();
const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

interface Template {
  Resources: Readonly<Record<string, { readonly Type: string }>>;
}

/** The assembly with another template. */
function assemblyWith(name: string, change: (template: Template) => void): string {
  const directory = join(scratch, name);
  cpSync(join(fixtures, 'assembly'), directory, { recursive: true });
  const file = join(directory, 'Bakery.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  change(template);
  writeFileSync(file, JSON.stringify(template));
  return directory;
}

test(
  'a push to CodeCommit is released by the rule that the template has for it',
  async () => {
    const result = await rehearse('bakery', scratch);

    expect(failedChecks(result)).toEqual([]);
    const [execution] = result.report.scenarios[0]!.executions;
    const tag = new RegExp(`bakery:${execution!.commit!.slice(0, 10)}$`);
    expect(result.report.scenarios[0]!.deployments.at(-1)!.image).toMatch(tag);
  },
  REHEARSAL_TIMEOUT_MS,
);

test(
  'without that rule nothing starts, and the rehearsal says what the template lacks',
  async () => {
    const assembly = assemblyWith('without-rule', (template) => {
      template.Resources = Object.fromEntries(
        Object.entries(template.Resources).filter(([, { Type }]) => Type !== 'AWS::Events::Rule'),
      );
    });

    expect(failedChecks(await rehearse('bakery', scratch, { assembly }))[0]).toMatch(
      /action 'CodeCommit' of pipeline '\S+' is not polled \(PollForSourceChanges\), and no AWS::Events::Rule has the pipeline as its target/,
    );
  },
  REHEARSAL_TIMEOUT_MS,
);
