import { randomUUID } from 'node:crypto';
import { ServiceException } from '../service-exception';

/** A manual approval that waits for somebody. */
export interface PendingApproval {
  readonly pipeline: string;
  readonly stage: string;
  readonly action: string;
  readonly executionId: string;
  /** Needed to answer it, so that nobody approves another execution than the one reviewed */
  readonly token: string;
  /** Milliseconds since the epoch */
  readonly expiresAt: number;
  readonly customData: string | undefined;
  readonly externalEntityLink: string | undefined;
}

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ApprovalResult.html */
export interface ApprovalResult {
  readonly status: 'Approved' | 'Rejected';
  readonly summary: string;
}

/** Answers a pending approval, or leaves it (undefined) to a later `putApprovalResult`. */
export type Reviewer = (approval: PendingApproval) => ApprovalResult | undefined;

/** The manual approvals of an account that wait. */
export class Approvals {
  /** Asked for each new approval; nobody answers when undefined */
  reviewer: Reviewer | undefined;
  private readonly waiting = new Map<
    PendingApproval,
    (result: ApprovalResult | undefined) => void
  >();

  get pending(): readonly PendingApproval[] {
    return [...this.waiting.keys()];
  }

  /** @returns the answer; undefined when `expired` resolves first */
  async wait(
    request: Omit<PendingApproval, 'token'>,
    expired: Promise<void>,
    onPending: (approval: PendingApproval) => void,
  ): Promise<ApprovalResult | undefined> {
    const approval: PendingApproval = { ...request, token: randomUUID() };
    const answer = new Promise<ApprovalResult | undefined>((resolve) =>
      this.waiting.set(approval, resolve),
    );
    try {
      onPending(approval);
      const review = this.reviewer?.(approval);
      if (review !== undefined) return review;
      return await Promise.race([answer, expired.then(() => undefined)]);
    } finally {
      this.waiting.delete(approval);
    }
  }

  /**
   * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutApprovalResult.html
   *
   * @throws ServiceException `InvalidApprovalTokenException` when nothing waits under the token
   */
  putApprovalResult(token: string, result: ApprovalResult): void {
    const found = [...this.waiting].find(([approval]) => approval.token === token);
    if (found === undefined) {
      throw new ServiceException(
        'InvalidApprovalTokenException',
        'The approval request already received a response or has expired.',
      );
    }
    found[1](result);
  }
}
