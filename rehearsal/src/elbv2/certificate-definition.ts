import { z } from 'zod';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';
import type { ListenerDefinition } from './listener-definition';

/** Those that ACM gives out or takes, but for RSA_1024, which TLS of today refuses. */
const KEY_ALGORITHMS = [
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
] as const;

export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html */
export interface CertificateDefinition {
  readonly arn: string;
  /** Host names, a `*.` among them for one label; none when no template has the certificate */
  readonly names: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
}

/** Properties of AWS::ElasticLoadBalancingV2::ListenerCertificate that the engine acts on. */
export const playedListenerCertificateProperties = ['Certificates', 'ListenerArn'] as const;

const listenerCertificateSchema = z.object({
  ListenerArn: z.string(),
  Certificates: z.array(z.object({ CertificateArn: z.string() })).min(1),
});

const certificateSchema = z.object({
  DomainName: z.string(),
  SubjectAlternativeNames: z.array(z.string()).default([]),
  KeyAlgorithm: z.enum(KEY_ALGORITHMS).default('RSA_2048'),
});

/**
 * The certificates of a listener: its default one, then those of its list; none without TLS.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenercertificate.html
 *
 * @throws RehearsalError `PropertyInvalid`, or `ProtocolsDisagree` for a list without TLS
 */
export function readCertificates(
  { arn, certificateArn, protocol }: ListenerDefinition,
  resources: DeployedResources,
): CertificateDefinition[] {
  const added = resources
    .ofType('AWS::ElasticLoadBalancingV2::ListenerCertificate')
    .flatMap((resource) => {
      const { ListenerArn, Certificates } = readProperties(resource, listenerCertificateSchema);
      if (ListenerArn !== arn) return [];
      if (certificateArn === undefined) {
        throw new RehearsalError(
          'ProtocolsDisagree',
          `${resource.type} '${resource.logicalId}' in stack '${resource.stack}' adds certificates to a listener with Protocol '${protocol}': AWS wants HTTPS or TLS there. Correct the CDK app (or the template) and synthesize it again.`,
        );
      }
      return Certificates.map(({ CertificateArn }) => CertificateArn);
    });
  const arns = certificateArn === undefined ? [] : [certificateArn, ...added];
  return arns.map((one) => readCertificate(one, resources));
}

function readCertificate(arn: string, resources: DeployedResources): CertificateDefinition {
  const resource = resources.find('AWS::CertificateManager::Certificate', arn);
  if (resource === undefined) return { arn, names: [], keyAlgorithm: 'EC_prime256v1' };
  const properties = readProperties(resource, certificateSchema);
  const { DomainName, SubjectAlternativeNames, KeyAlgorithm } = properties;
  const names = [...new Set([DomainName, ...SubjectAlternativeNames])];
  return { arn, names, keyAlgorithm: KeyAlgorithm };
}
