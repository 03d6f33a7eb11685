import { connect, type PeerCertificate } from 'node:tls';
import fc from 'fast-check';
import { certificateFor } from '../../src/elbv2/certificate-selection';
import { LoadBalancers } from '../../src/elbv2/load-balancers';
import { deployTemplate } from '../cloudformation/deploy-template';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { closeAll, closeLater, resources } from './fixtures';

afterEach(closeAll);

const certificate = (DomainName: string, extra: object = {}) => ({
  Type: 'AWS::CertificateManager::Certificate',
  Properties: { DomainName, ...extra },
});
const listOf = (listener: string, ...certificates: unknown[]) => ({
  Type: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
  Properties: {
    ListenerArn: { Ref: listener },
    Certificates: certificates.map((CertificateArn) => ({ CertificateArn })),
  },
});
const answer = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }];

const template = (more: Record<string, object>, listener: object = {}) => ({
  Resources: {
    Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: {} },
    Listener: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: { Ref: 'Balancer' },
        Port: 443,
        Protocol: 'HTTPS',
        Certificates: [{ CertificateArn: { Ref: 'Default' } }],
        DefaultActions: answer,
        ...listener,
      },
    },
    Default: certificate('example.com', { KeyAlgorithm: 'EC_prime256v1' }),
    ...more,
  },
});

async function start(more: Record<string, object>, listener: object = {}) {
  const { stream, events } = recordingEvents();
  const deployed = resources(deployTemplate(template(more, listener)).resources);
  const loadBalancers = await LoadBalancers.start(deployed, {
    clock: new ManualClock(),
    events: stream,
    onRequest: () => undefined,
  });
  closeLater(() => loadBalancers.close());
  return { address: loadBalancers.addresses()[0]!, events };
}

/** The certificate that a client is shown, which has to trust it. */
function shownTo(
  { port, certificate: ca }: { readonly port: number; readonly certificate: string | undefined },
  servername: string | undefined,
  options: object = {},
): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const client = connect({
      host: '127.0.0.1',
      port,
      ca: ca ?? '',
      ...(servername !== undefined && { servername }),
      ...options,
    });
    client.on('error', reject);
    client.on('secureConnect', () => {
      resolve(client.getPeerCertificate());
      client.destroy();
    });
  });
}

const ec = { KeyAlgorithm: 'EC_prime256v1' };

test('a client is shown the certificate of the host name that it asks for', async () => {
  const { address } = await start({
    Shop: certificate('shop.example.com', {
      ...ec,
      SubjectAlternativeNames: ['*.shop.example.com'],
    }),
    Blog: certificate('blog.example.com', ec),
    List: listOf('Listener', { Ref: 'Shop' }, { Ref: 'Blog' }),
  });
  const subject = async (name?: string) => (await shownTo(address, name)).subjectaltname;
  expect(await subject('blog.example.com')).toBe('DNS:blog.example.com');
  expect(await subject('SHOP.example.com')).toContain('DNS:shop.example.com');
  expect(await subject('eu.shop.example.com')).toContain('DNS:*.shop.example.com');
});

test('the default certificate is for clients without a host name, and for names of no other', async () => {
  const { address } = await start({
    Blog: certificate('blog.example.com', ec),
    List: listOf('Listener', { Ref: 'Blog' }),
  });
  const isDefault = expect.stringContaining('DNS:example.com');
  expect((await shownTo(address, undefined)).subjectaltname).toEqual(isDefault);
  expect((await shownTo(address, 'example.com')).subjectaltname).toEqual(isDefault);
  const unknown = await shownTo(address, 'a.b.c', { rejectUnauthorized: false });
  expect(unknown.subjectaltname).toEqual(isDefault);
});

test('of several for a name, one with ECDSA is shown, and then the one with the largest key', async () => {
  const { address } = await start({
    Rsa: certificate('a.example.com', { KeyAlgorithm: 'RSA_4096' }),
    Small: certificate('a.example.com', { SubjectAlternativeNames: ['small.com'], ...ec }),
    Large: certificate('*.example.com', { KeyAlgorithm: 'EC_secp384r1' }),
    List: listOf('Listener', { Ref: 'Rsa' }, { Ref: 'Small' }, { Ref: 'Large' }),
  });
  expect((await shownTo(address, 'a.example.com')).subjectaltname).toBe('DNS:*.example.com');
  expect((await shownTo(address, 'small.com')).subjectaltname).toContain('DNS:small.com');
});

test('a certificate that no template has is named in the report', async () => {
  const arn = 'arn:aws:acm:eu-west-1:000000000000:certificate/imported';
  const { events } = await start({ List: listOf('Listener', arn) });
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'unproven',
      message: expect.stringContaining(`has the certificate '${arn}', which no rehearsed stack`),
    }),
  );
});

test('a listener without TLS takes no list of certificates, and none has two defaults', async () => {
  const http = { Protocol: 'HTTP', Certificates: [] };
  await expect(start({ List: listOf('Listener', { Ref: 'Default' }) }, http)).rejects.toMatchObject(
    { code: 'ProtocolsDisagree', message: expect.stringContaining("with Protocol 'HTTP'") },
  );
  const two = [{ CertificateArn: 'a' }, { CertificateArn: 'b' }];
  await expect(start({}, { Certificates: two })).rejects.toThrow(
    /Certificates: AWS wants one certificate/,
  );
});

test('the choice is for the name, and no other that is for it has a better key', () => {
  const byPreference = ['EC_secp384r1', 'EC_prime256v1', 'RSA_4096', 'RSA_2048'] as const;
  const isFor: Record<string, string[]> = {
    'a.com': ['a.com'],
    'b.a.com': ['b.a.com', '*.a.com'],
    'X.A.com': ['*.a.com'],
    'c.b.a.com': ['c.b.a.com'],
    com: [],
  };
  const names = fc.subarray(['a.com', '*.a.com', 'b.a.com', 'c.b.a.com'], { minLength: 1 });
  const candidate = fc.record({ names, keyAlgorithm: fc.constantFrom(...byPreference) });
  fc.assert(
    fc.property(
      fc.array(candidate, { maxLength: 6 }),
      fc.constantFrom(...Object.keys(isFor)),
      (list, name) => {
        const matching = list.filter((one) => one.names.some((its) => isFor[name]!.includes(its)));
        const ranks = matching.map(({ keyAlgorithm }) => byPreference.indexOf(keyAlgorithm));
        const best = matching[ranks.indexOf(Math.min(...ranks))];
        expect(certificateFor(name, list)).toBe(best);
      },
    ),
  );
});
