import { readImageDefinitions } from '../../src/ecs/image-definitions';

const read = (text: string) => readImageDefinitions(Buffer.from(text), 'imageDefinitions.json');

test('names and images are read', () => {
  expect(read('[{"name":"api-container","imageUri":"host/api:1"}]')).toEqual({
    valid: true,
    imageDefinitions: [{ name: 'api-container', imageUri: 'host/api:1' }],
  });
});

test.each([
  ['', /contains invalid JSON format.*Expected \[\{"name"/],
  ['{"name":"a","imageUri":"b"}', /is not a list of container names and images: the file:/],
  ['[]', /is not a list/],
  ['[{"name":"a"}]', /0\.imageUri: /],
  ['[{"name":"","imageUri":"b"}]', /0\.name: /],
  ['[{"name":"a","imageUri":"b"},{"name":"a","imageUri":"c"}]', /names the container 'a' twice/],
])('%j is refused with the reason', (text, message) => {
  expect(read(text)).toEqual({ valid: false, message: expect.stringMatching(message) });
});

test('a file in another encoding is refused', () => {
  expect(readImageDefinitions(Buffer.from([0xff, 0xfe, 0x5b, 0x00]))).toMatchObject({
    valid: false,
  });
});

test('a missing file is named with its case', () => {
  expect(readImageDefinitions(undefined, 'imageDefinitions.json')).toEqual({
    valid: false,
    message: expect.stringMatching(
      /^Did not find the image definition file imageDefinitions\.json/,
    ),
  });
});

test('more than 100 KB are refused with the size', () => {
  const text = JSON.stringify([{ name: 'a', imageUri: 'b'.repeat(100 * 1024) }]);
  expect(read(text)).toEqual({
    valid: false,
    message: expect.stringContaining(`${text.length} bytes`),
  });
});
