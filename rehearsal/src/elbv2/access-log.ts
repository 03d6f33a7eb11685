/**
 * One request as the load balancer's access log tells it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export interface AccessLogRecord {
  /** ISO 8601, when the request arrived */
  readonly time: string;
  /** Root of the X-Amzn-Trace-Id: `1-67891233-abcdef012345678912345678` */
  readonly traceRoot: string;
  readonly method: string;
  /** With the query */
  readonly path: string;
  /** elb_status_code: what the client got; 460 when it left before an answer */
  readonly status: number;
  /** target_status_code; undefined when the target gave no answer */
  readonly targetStatus?: number;
  /** `10.0.1.17:3000`; undefined when the request was given to no target */
  readonly target?: string;
  /** The load balancer that was asked, and the group of the target where there was one */
  readonly loadBalancerArn?: string;
  readonly targetGroupArn?: string;
  /** Of the node that took the request; undefined when no template tells it */
  readonly availabilityZone?: string;
  /** From the request's arrival to the end of its answer */
  readonly durationMs: number;
  /**
   * target_processing_time: from the moment that the whole request was handed to the target to the
   * headers of its answer; 0 when it answered before. Undefined when no headers came, and of a
   * Network Load Balancer, which does not know requests.
   */
  readonly targetResponseMs: number | undefined;
  /** Of the answer's body */
  readonly bytes: number;
  /** Why the load balancer answered itself, or cut the connection: a sentence without a period */
  readonly error?: string;
}
