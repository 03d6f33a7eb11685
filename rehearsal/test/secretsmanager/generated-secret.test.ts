import fc from 'fast-check';
import {
  generateSecretString,
  generateSecretStringSchema,
} from '../../src/secretsmanager/generated-secret';

const generate = (settings: Record<string, unknown> = {}) =>
  generateSecretString(generateSecretStringSchema.parse(settings));

it('makes 32 characters of every type when nothing is said', () => {
  const password = generate();
  expect(password).toHaveLength(32);
  for (const type of [/[a-z]/, /[A-Z]/, /\d/, /[^\w\s]/]) expect(password).toMatch(type);
});

it('keeps to the length and leaves out what is excluded', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 100 }), fc.boolean(), (length, excludePunctuation) => {
      const password = generate({
        PasswordLength: String(length),
        ExcludePunctuation: excludePunctuation,
        ExcludeCharacters: 'aZ5#',
      });
      expect(password).toHaveLength(length);
      expect(password).not.toMatch(/[aZ5#]/);
      if (excludePunctuation) expect(password).toMatch(/^[A-Za-z0-9]+$/);
    }),
  );
});

it('puts the password into the template under the key', () => {
  const secret = generate({
    SecretStringTemplate: '{"username":"admin"}',
    GenerateStringKey: 'password',
  });
  expect(JSON.parse(secret)).toEqual({
    username: 'admin',
    password: expect.stringMatching(/^.{32}$/),
  });
});

it('never makes the same value twice', () => {
  expect(generate()).not.toBe(generate());
});
