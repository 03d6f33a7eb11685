/** How many tasks a service may have while it is deployed. */
export interface DeploymentBounds {
  /** Fewest tasks that must be running and healthy */
  readonly lower: number;
  /** Most tasks that may be running or pending */
  readonly upper: number;
}

/**
 * The bounds that the two percentages mean for a desired count: the lower one rounded up, the
 * upper one rounded down.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function deploymentBounds(settings: {
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
}): DeploymentBounds {
  return {
    lower: Math.ceil((settings.desiredCount * settings.minimumHealthyPercent) / 100),
    upper: Math.floor((settings.desiredCount * settings.maximumPercent) / 100),
  };
}
