/** Whether and how an execution shall stop. */
export class StopRequest {
  private readonly abandonment = new AbortController();
  private isRequested = false;

  get requested(): boolean {
    return this.isRequested;
  }

  /** @param abandon whether not to wait for the actions that run */
  request(abandon: boolean): void {
    this.isRequested = true;
    if (abandon) this.abandonment.abort();
  }

  /** Resolves when the running actions are abandoned. */
  get abandoned(): Promise<'abandoned'> {
    const { signal } = this.abandonment;
    return new Promise((resolve) => {
      if (signal.aborted) resolve('abandoned');
      signal.addEventListener('abort', () => resolve('abandoned'), { once: true });
    });
  }

  get isAbandoned(): boolean {
    return this.abandonment.signal.aborted;
  }
}
