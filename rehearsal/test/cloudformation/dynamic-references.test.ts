import { evaluated } from './deploy-template';

const lookups = {
  ssmParameter: (name: string, version?: number) =>
    name === '/shop/tag' ? `tag-${version ?? 'newest'}` : undefined,
  secretString: (id: string, { stage, id: version }: { stage?: string; id?: string }) =>
    id === 'shop/token' ||
    id === 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:shop/token-AbCdEf'
      ? JSON.stringify({ hook: 'h00k', port: 5432, version: `${stage ?? ''}/${version ?? ''}` })
      : id === 'plain'
        ? 'pl41n {{resolve:ssm:/shop/tag}}'
        : undefined,
};
const resolved = (value: unknown) => evaluated(value, {}, { lookups });

test('a Systems Manager parameter is looked up by name and by version', () => {
  expect(resolved('a {{resolve:ssm:/shop/tag}} b {{resolve:ssm-secure:/shop/tag:3}} c')).toBe(
    'a tag-newest b tag-3 c',
  );
});

test('a parameter that does not exist is reported as CloudFormation reports it', () => {
  expect(() => resolved('{{resolve:ssm:/shop/none:2}}')).toThrow(
    'Parameters: [/shop/none:2] cannot be found',
  );
});

test('a secret is looked up by name and by ARN, whole or by key', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:shop/token-AbCdEf';

  expect(resolved('{{resolve:secretsmanager:shop/token:SecretString:hook}}')).toBe('h00k');
  expect(resolved(`{{resolve:secretsmanager:${arn}:SecretString:hook::}}`)).toBe('h00k');
  expect(resolved('{{resolve:secretsmanager:shop/token:SecretString:port::}}')).toBe('5432');
  expect(resolved(`{{resolve:secretsmanager:${arn}}}`)).toContain('"hook":"h00k"');
});

test('the stage and the id of a version are passed on', () => {
  const reference = (end: string) =>
    `{{resolve:secretsmanager:shop/token:SecretString:version:${end}}}`;

  expect(resolved([reference('AWSPREVIOUS'), reference(':v-1')])).toEqual(['AWSPREVIOUS/', '/v-1']);
});

test('a reference that Fn::Join puts together is resolved too', () => {
  expect(resolved({ 'Fn::Join': ['', ['{{resolve:ssm:', '/shop/tag', '}}']] })).toBe('tag-newest');
});

test('what a secret contains is never resolved again', () => {
  expect(resolved('{{resolve:secretsmanager:plain}}')).toBe('pl41n {{resolve:ssm:/shop/tag}}');
});

test('a secret that does not exist is reported in the words of Secrets Manager', () => {
  expect(() => resolved({ OAuthToken: '{{resolve:secretsmanager:shop/none}}' })).toThrow(
    "Value.OAuthToken: Secrets Manager can't find the specified secret. It is 'shop/none'",
  );
});

test('a key that the secret lacks, and a secret that is no JSON, are told apart', () => {
  expect(() => resolved('{{resolve:secretsmanager:shop/token:SecretString:nokey}}')).toThrow(
    "Could not find a value associated with JSONKey in SecretString: secret 'shop/token' has no key 'nokey'",
  );
  expect(() => resolved('{{resolve:secretsmanager:plain:SecretString:key}}')).toThrow(
    'Could not parse SecretString JSON',
  );
});

test('another service is refused by name', () => {
  expect(() => resolved('{{resolve:vault:x}}')).toThrow(/\{\{resolve:vault:…\}\}.*ssm-secure/);
});
