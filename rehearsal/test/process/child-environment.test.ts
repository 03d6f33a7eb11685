import { childEnvironment } from '../../src/process/child-environment';

it('lets nothing through that could lead to a real account', () => {
  const environment = childEnvironment(
    {
      PATH: '/bin',
      HOME: '/home/someone',
      AWS_ACCESS_KEY_ID: 'AKIAREALLOOKING',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_PROFILE: 'production',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.2',
      GITHUB_TOKEN: 'ghp_real',
      npm_config__authToken: 'npm_real',
      SSH_AUTH_SOCK: '/tmp/agent',
    },
    '/scratch/home',
  );
  expect(environment).toEqual({
    PATH: '/bin',
    HOME: '/scratch/home',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/scratch/home/.aws/config',
    AWS_SHARED_CREDENTIALS_FILE: '/scratch/home/.aws/credentials',
    GIT_CONFIG_NOSYSTEM: '1',
  });
});

it('keeps what programs need behind a proxy, and lays extras on top', () => {
  const parent = {
    HTTPS_PROXY: 'http://proxy:3128',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    LANG: 'ko_KR',
  };
  expect(childEnvironment(parent, '/h', { LANG: 'C', EXTRA: '1' })).toMatchObject({
    HTTPS_PROXY: 'http://proxy:3128',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    LANG: 'C',
    EXTRA: '1',
  });
});
