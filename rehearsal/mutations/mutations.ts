/** A way to break the engine, and the scenario that notices. */
export interface Mutation {
  /** What the broken engine does, for people and for `npm run mutations -- NAME` */
  readonly name: string;
  /** Under rehearsal/src */
  readonly file: string;
  /** Occurs exactly once in the file */
  readonly text: string;
  readonly replacement: string;
  /** The scenario that turns red */
  readonly scenario: string;
}

export const mutations: readonly Mutation[] = [
  {
    name: 'skip-draining',
    file: 'elbv2/target-group.ts',
    text: 'await Promise.race([entry.registered.quiet(), wholeDelay]);',
    replacement: 'await Promise.resolve();',
    scenario: 'slow-requests',
  },
  {
    name: 'cut-streams-at-deregistration',
    file: 'elbv2/target-group.ts',
    text: '    entry.registered.drain();\n',
    replacement: '    entry.registered.drain();\n    entry.registered.close();\n',
    scenario: 'websocket-or-streaming',
  },
  {
    name: 'route-to-draining-targets',
    file: 'elbv2/routing.ts',
    text: [
      "    ['initial', 'healthy', 'unhealthy', 'unhealthy.draining'].includes(health.state),",
      '  );',
      "  const healthy = registered.filter(({ health }) => health.state === 'healthy');",
    ].join('\n'),
    replacement: [
      '    health.state.length > 0,',
      '  );',
      "  const healthy = registered.filter(({ health }) => ['healthy', 'draining'].includes(health.state));",
    ].join('\n'),
    scenario: 'slow-requests',
  },
  {
    name: 'close-idle-clients',
    file: 'elbv2/reverse-proxy.ts',
    text: 'if (this.clients.isOld(connection)) endConnectionAfter(response);',
    replacement: 'endConnectionAfter(response);',
    scenario: 'keep-alive-clients',
  },
  {
    name: 'stop-old-tasks-first',
    file: 'ecs/deployment-bounds.ts',
    text: 'lower: Math.ceil((settings.desiredCount * settings.minimumHealthyPercent) / 100),',
    replacement: 'lower: 0,',
    scenario: 'release',
  },
  {
    name: 'ignore-the-health-check',
    file: 'elbv2/target-health.ts',
    text: "  if (result.outcome === 'success') {",
    replacement: "  if (result.outcome === 'success' || result.outcome === 'mismatch') {",
    scenario: 'failing-health-check',
  },
  {
    name: 'drop-the-breaker',
    file: 'ecs/circuit-breaker.ts',
    text: 'return settings.enable && state.failureCount',
    replacement: 'return !settings.enable && state.failureCount',
    scenario: 'crash-on-start',
  },
  {
    name: 'ignore-deployment-alarms',
    file: 'ecs/deployment-alarms.ts',
    text: '    deployment.alarmDetected = true;\n    return true;\n',
    replacement: '    return false;\n',
    scenario: 'failing-requests',
  },
  {
    name: 'kill-without-stop-timeout',
    file: 'process/stop-process.ts',
    text: 'await Promise.race([exit, clock.delay(timeoutMs, stopped.signal)]);',
    replacement: 'stopped.abort();',
    scenario: 'ignores-sigterm',
  },
  {
    name: 'accept-any-signature',
    file: 'github/webhook-signature.ts',
    text: 'return expected.length === received.length && timingSafeEqual(expected, received);',
    replacement: 'return expected.length > 0 || timingSafeEqual(expected, received);',
    scenario: 'forged-webhook',
  },
  {
    name: 'release-every-branch',
    file: 'codepipeline/webhook-filter.ts',
    text: 'return isScalar && String(value) === expected;',
    replacement: 'return isScalar || String(value) === expected;',
    scenario: 'other-branch',
  },
  {
    name: 'go-on-after-a-failed-command',
    file: 'codebuild/command-list.ts',
    text: '      return { command, exitStatus };\n',
    replacement: '',
    scenario: 'failing-tests',
  },
  {
    name: 'leave-killed-runs-alone',
    file: 'leftovers.ts',
    text: 'const runs = RunDirectory.leftovers(home);',
    replacement: 'const runs = RunDirectory.leftovers(home).slice(0, 0);',
    scenario: 'engine-killed',
  },
];
