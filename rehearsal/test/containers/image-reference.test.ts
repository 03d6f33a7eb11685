import { normalImageName, parseImageReference } from '../../src/containers/image-reference';

const digest = `sha256:${'a'.repeat(64)}`;

it.each([
  ['api', { host: undefined, repositoryName: 'api', tag: 'latest', digest: undefined }],
  ['shop/api:1', { host: undefined, repositoryName: 'shop/api', tag: '1', digest: undefined }],
  ['127.0.0.1:5000/shop/api:1', { host: '127.0.0.1:5000', repositoryName: 'shop/api', tag: '1' }],
  [
    '000000000000.dkr-ecr.eu-west-1.on.aws/api:1',
    { host: '000000000000.dkr.ecr.eu-west-1.amazonaws.com', repositoryName: 'api', tag: '1' },
  ],
  [`x.dkr.ecr.y.amazonaws.com/api@${digest}`, { repositoryName: 'api', tag: undefined, digest }],
])('takes %s apart', (text, expected) => {
  expect(parseImageReference(text)).toMatchObject(expected);
});

it('knows that a text is no image name', () => {
  expect(parseImageReference('')).toBeUndefined();
  expect(parseImageReference('Upper/Case')).toBeUndefined();
  expect(parseImageReference('api:')).toBeUndefined();
});

it('compares names with and without the tag latest', () => {
  expect(normalImageName('api')).toBe(normalImageName('api:latest'));
});
