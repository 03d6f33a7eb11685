import { createAwsAccount } from '../../src/aws-account';
import { classifyResources } from '../../src/cloudformation/supported-resources';
import { readTemplate } from '../../src/cloudformation/template';
import { deployTemplates } from '../../src/deploy-templates';
import { scanFrequency, type ScanningRule, type ScanType } from '../../src/ecr/registry-scanning';
import { findUnplayedProperties } from '../../src/played-properties';
import { OutsideSecrets } from '../../src/project/outside-secrets';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { serviceException } from '../_helpers/service-exception';

const CRITICAL = { name: 'CVE-2026-0001', severity: 'CRITICAL' } as const;
const LOW = { name: 'CVE-2026-0002', severity: 'LOW' } as const;
const ARN = 'arn:aws:ecr:eu-west-1:000000000000:repository/team/api';

const image = (digit: string) => ({
  repositoryName: 'team/api',
  digest: `sha256:${digit.repeat(64)}`,
  tags: ['latest'],
  size: 10,
});

const rule = (filter: string, ScanFrequency = 'SCAN_ON_PUSH') => ({
  ScanFrequency,
  RepositoryFilters: [{ Filter: filter, FilterType: 'WILDCARD' }],
});

/** Deploys a repository `team/api` in a registry that is scanned so. */
function deploy(scanning: object, repository: object = {}) {
  const { stream, events } = recordingEvents();
  const place = { id: '000000000000', region: 'eu-west-1' };
  const account = createAwsAccount(place, new ManualClock(), stream);
  const template = {
    Resources: {
      Scanning: { Type: 'AWS::ECR::RegistryScanningConfiguration', Properties: scanning },
      Repository: {
        Type: 'AWS::ECR::Repository',
        Properties: { RepositoryName: 'team/api', ...repository },
      },
    },
    Outputs: { Registry: { Value: { Ref: 'Scanning' } } },
  };
  const stack = {
    id: 'Stack',
    stackName: 'Stack',
    displayName: 'Stack',
    account: undefined,
    region: undefined,
    templateFile: 'Stack.template.json',
    template: readTemplate(template, 'Stack.template.json'),
    nestedStacks: {},
    parameters: {},
    dependencies: [],
  };
  const outside = new OutsideSecrets(account.secrets, 'secret', () => undefined);
  const assembly = { directory: 'cdk.out', stacks: [stack] };
  const deployed = deployTemplates(assembly, account, {}, outside);
  const { images } = account;
  const scanned = (digit: string) => images.scans.find('team/api', image(digit).digest);
  const unproven = () =>
    events.flatMap((event) => (event.kind === 'unproven' ? [event.message] : []));
  return { images, deployed, events, scanned, unproven };
}

describe('a filter', () => {
  const NAMES = ['prod', 'repo-prod', 'prod-repo', 'repo-prod-repo', 'prodrepo'];

  test.each([
    ['prod', NAMES],
    ['*prod', ['prod', 'repo-prod']],
    ['prod*', ['prod', 'prod-repo', 'prodrepo']],
    ['*prod*', NAMES],
    ['prod*repo', ['prod-repo', 'prodrepo']],
  ])('%s names what it names in the table of AWS', (filter, matching) => {
    const rules = [{ scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: [filter] }] as const;
    const scanned = NAMES.filter(
      (name) =>
        scanFrequency({ scanType: 'BASIC', rules }, { name, scanOnPush: false }) === 'SCAN_ON_PUSH',
    );
    expect(scanned).toEqual(matching);
  });
});

describe('how often a repository is scanned', () => {
  const everyPush: ScanningRule = { scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: ['*'] };
  const always: ScanningRule = { scanFrequency: 'CONTINUOUS_SCAN', repositoryFilters: ['api'] };
  const other: ScanningRule = { scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: ['web'] };

  test.each<[string, ScanType, ScanningRule[], boolean, string]>([
    ['is its own matter without rules', 'BASIC', [], true, 'SCAN_ON_PUSH'],
    ['is never when nobody asks for it', 'BASIC', [], false, 'MANUAL'],
    ['follows the rule that names it', 'BASIC', [everyPush], false, 'SCAN_ON_PUSH'],
    ['is by hand when no rule names it', 'BASIC', [other], true, 'MANUAL'],
    ['is always with Inspector and no rules', 'ENHANCED', [], false, 'CONTINUOUS_SCAN'],
    ['is always rather than on push', 'ENHANCED', [everyPush, always], false, 'CONTINUOUS_SCAN'],
    ['is never when no rule of Inspector names it', 'ENHANCED', [other], true, 'MANUAL'],
  ])('%s (%s)', (_, scanType, rules, scanOnPush, frequency) => {
    expect(scanFrequency({ scanType, rules }, { name: 'team/api', scanOnPush })).toBe(frequency);
  });
});

describe('a template with scan rules for the registry', () => {
  test('is played whole', () => {
    const { deployed } = deploy({ ScanType: 'ENHANCED', Rules: [rule('*', 'CONTINUOUS_SCAN')] });
    const { played, accepted, refused } = classifyResources(deployed.all);
    expect([played.length, accepted, refused]).toEqual([2, [], []]);
    expect(findUnplayedProperties(deployed)).toEqual([]);
    expect(deployed.stacks[0]?.outputs).toMatchObject({ Registry: '000000000000' });
  });

  test('has pushes scanned that the repository itself does not ask for', () => {
    const { images, scanned, events } = deploy({ ScanType: 'BASIC', Rules: [rule('team/*')] });
    images.putImage(image('a'));
    expect(scanned('a')).toMatchObject({ findings: [] });
    expect(events).toContainEqual(expect.objectContaining({ 'detail-type': 'ECR Image Scan' }));
  });

  test('that name other repositories leaves this one unscanned, and the report says so', () => {
    const { images, scanned, unproven } = deploy(
      { ScanType: 'BASIC', Rules: [rule('web')] },
      { ImageScanningConfiguration: { ScanOnPush: true } },
    );
    images.putImage(image('a'));
    expect(scanned('a')).toBeUndefined();
    expect(unproven()).toEqual([
      "'team/api' asks for a scan on push, and no rule of the registry names it: nothing was scanned, and what AWS makes of that is not documented",
    ]);
  });

  test.each([
    [
      { ScanType: 'BASIC', Rules: [rule('*', 'CONTINUOUS_SCAN')] },
      /Rules\.0\.ScanFrequency: BASIC scanning takes SCAN_ON_PUSH alone, got "CONTINUOUS_SCAN"/,
    ],
    [{ ScanType: 'BASIC', Rules: [rule('*', 'MANUAL')] }, /Rules\.0\.ScanFrequency: /],
    [{ ScanType: 'FULL', Rules: [] }, /ScanType: .*got "FULL"/],
    [{ ScanType: 'BASIC', Rules: [rule('a'), rule('b'), rule('c')] }, /Rules: /],
    [{ ScanType: 'BASIC', Rules: [rule('Team')] }, /Rules\.0\.RepositoryFilters\.0\.Filter: /],
    [
      {
        ScanType: 'BASIC',
        Rules: [{ ScanFrequency: 'SCAN_ON_PUSH', RepositoryFilters: [] }],
      },
      /AWS does not document what a rule without filters is for; '\*' is every repository/,
    ],
  ])('that ECR would not take is refused with the place (%#)', (scanning, message) => {
    expect(() => deploy(scanning)).toThrow(message);
  });
});

describe('with enhanced scanning', () => {
  const onPush = { ScanType: 'ENHANCED', Rules: [rule('*')] };

  test('Inspector tells the event bus of each finding, and of the end of the first scan', () => {
    const { images, events } = deploy(onPush);
    images.scans.pretend([CRITICAL, LOW]);
    images.putImage(image('a'));
    const { digest } = image('a');
    const told = events.flatMap((event) =>
      event.kind === 'aws' && event.source === 'aws.inspector2' ? [event] : [],
    );
    expect(told.map((event) => event['detail-type'])).toEqual([
      'Inspector2 Finding',
      'Inspector2 Finding',
      'Inspector2 Scan',
    ]);
    expect(told[0]).toMatchObject({
      resources: [`${ARN}/${digest}`],
      detail: {
        awsAccountId: '000000000000',
        firstObservedAt: 'Jan 1, 2026, 12:00:00 AM',
        packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2026-0001' },
        resources: [{ id: `${ARN}/${digest}`, type: 'AWS_ECR_CONTAINER_IMAGE' }],
        severity: 'CRITICAL',
        status: 'ACTIVE',
        type: 'PACKAGE_VULNERABILITY',
      },
    });
    expect(told[2]).toMatchObject({
      resources: [ARN],
      detail: {
        'scan-status': 'INITIAL_SCAN_COMPLETE',
        'repository-name': ARN,
        'finding-severity-counts': { CRITICAL: 1, TOTAL: 2 },
        'image-digest': digest,
        'image-tags': ['latest'],
      },
    });
    expect(events).not.toContainEqual(expect.objectContaining({ 'detail-type': 'ECR Image Scan' }));
  });

  test('images are scanned that were pushed before it was turned on', () => {
    const { images, scanned, events } = deploy({ ScanType: 'BASIC', Rules: [rule('*')] });
    images.putImage(image('a'));
    images.scans.pretend([CRITICAL]);
    images.putScanningConfiguration({ scanType: 'ENHANCED', rules: [] });
    expect(scanned('a')?.findings).toEqual([CRITICAL]);
    expect(events).toContainEqual(expect.objectContaining({ 'detail-type': 'Inspector2 Scan' }));
  });

  test('scans of the other type are out of sight until the registry goes back to it', () => {
    const { images, scanned } = deploy({ ScanType: 'BASIC', Rules: [rule('*')] });
    images.putImage(image('a'));
    const before = scanned('a');
    const other = { scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: ['web'] } as const;
    images.putScanningConfiguration({ scanType: 'ENHANCED', rules: [other] });
    expect(scanned('a')).toBeUndefined();
    images.putScanningConfiguration({ scanType: 'BASIC', rules: [] });
    expect(scanned('a')).toBe(before);
  });

  test('nobody can ask for a scan', () => {
    const { images } = deploy(onPush);
    const pushed = images.putImage(image('a'));
    expect(() => images.scans.start(images.repository('team/api'), pushed)).toThrow(
      serviceException('ValidationException', 'This feature is disabled'),
    );
  });

  test('the report says what of it was not played', () => {
    const { images, unproven } = deploy({ ScanType: 'ENHANCED', Rules: [] });
    images.putImage(image('a'));
    expect(unproven()).toEqual([
      "enhanced scanning: the event 'ECR Scan Resource Change' was not played",
      "images of 'team/api' are not scanned here: what reads the findings was played with an empty result",
      "images of 'team/api' are scanned once: that Inspector scans them again when a vulnerability becomes known was not played",
    ]);
  });
});
