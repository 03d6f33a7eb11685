import {
  type ApplicationLoadBalancer,
  ApplicationProtocol,
  type ApplicationTargetGroup,
  ListenerAction,
  ListenerCertificate,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { acknowledge } from './acknowledge';

/**
 * TLS 1.2 and 1.3, only ciphers with forward secrecy and authenticated encryption, and a key
 * exchange that a quantum computer does not break:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
const TLS_POLICY = SslPolicy.TLS13_12_RES_PQ;

/** HTTPS with a redirect from HTTP, or HTTP alone. Who may come in, the security group says. */
export function addListeners(
  alb: ApplicationLoadBalancer,
  targetGroup: ApplicationTargetGroup,
  certificateArn: string | undefined,
): void {
  if (certificateArn === undefined) {
    const http = alb.addListener('HttpListener', {
      port: 80,
      open: false,
      defaultTargetGroups: [targetGroup],
    });
    acknowledge(
      http,
      'A certificate needs a domain of yours; the property `certificateArn` brings HTTPS and a redirect to it.',
      'ALBHttpToHttpsRedirection',
      'ELBv2ACMCertificateRequired',
    );
    return;
  }
  alb.addListener('HttpsListener', {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    open: false,
    certificates: [ListenerCertificate.fromArn(certificateArn)],
    sslPolicy: TLS_POLICY,
    defaultTargetGroups: [targetGroup],
  });
  const redirect = alb.addListener('HttpListener', {
    port: 80,
    open: false,
    defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
  });
  acknowledge(
    redirect,
    'It only redirects to HTTPS; a certificate would have nothing to protect.',
    'ELBv2ACMCertificateRequired',
  );
}
