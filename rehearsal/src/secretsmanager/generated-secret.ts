import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { cfnBoolean, cfnNumber } from '../cloudformation/read-properties';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html */
export const generateSecretStringSchema = z.object({
  PasswordLength: cfnNumber.default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: cfnBoolean.default(false),
  ExcludeUppercase: cfnBoolean.default(false),
  ExcludeNumbers: cfnBoolean.default(false),
  ExcludePunctuation: cfnBoolean.default(false),
  IncludeSpace: cfnBoolean.default(false),
  RequireEachIncludedType: cfnBoolean.default(true),
  GenerateStringKey: z.string().optional(),
  SecretStringTemplate: z.string().optional(),
});

export type GenerateSecretString = z.output<typeof generateSecretStringSchema>;

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** A new random value as Secrets Manager makes it: a password, or a JSON object with one in it. */
export function generateSecretString(settings: GenerateSecretString): string {
  const password = generatePassword(settings);
  const { GenerateStringKey: key, SecretStringTemplate: template } = settings;
  if (key === undefined || template === undefined) return password;
  return JSON.stringify({ ...(JSON.parse(template) as object), [key]: password });
}

function generatePassword(settings: GenerateSecretString): string {
  const alphabets = [
    settings.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    settings.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    settings.ExcludeNumbers ? '' : '0123456789',
    settings.ExcludePunctuation ? '' : PUNCTUATION,
    settings.IncludeSpace ? ' ' : '',
  ]
    .map((letters) => Array.from(letters))
    .map((letters) => letters.filter((one) => !settings.ExcludeCharacters.includes(one)))
    .filter((letters) => letters.length > 0);
  const all = alphabets.flat();
  const required = settings.RequireEachIncludedType ? alphabets.map(pick) : [];
  const rest = Array.from({ length: settings.PasswordLength - required.length }, () => pick(all));
  return shuffled([...required, ...rest]).join('');
}

function pick(letters: readonly string[]): string {
  return letters[randomInt(letters.length)] ?? '';
}

function shuffled(letters: string[]): string[] {
  for (let last = letters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [letters[last], letters[other]] = [letters[other] ?? '', letters[last] ?? ''];
  }
  return letters;
}
