import { type Clock, isoTime } from '../clock';
import type { EventStream } from '../events';
import { ServiceException } from '../service-exception';
import type { ImageScan, ImageToScan, RepositoryToScan, ScanFinding } from './image-scan';
import {
  DEFAULT_SCANNING,
  type RegistryScanning,
  type ScanFrequency,
  scanFrequency,
} from './registry-scanning';
import { basicScanEvent, enhancedScanEvents } from './scan-events';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Scans of images. Nothing here looks into an image: a scan finds what it was told to find, which
 * is nothing unless a scenario says otherwise.
 */
export class ImageScans {
  /** What the registry says of all its repositories */
  registry: RegistryScanning = DEFAULT_SCANNING;
  /** Scans of the other type are out of sight, until the registry goes back to it */
  private readonly scans = {
    BASIC: new Map<string, ImageScan>(),
    ENHANCED: new Map<string, ImageScan>(),
  };
  /** What each scan from now on finds */
  private findings: readonly ScanFinding[] = [];

  constructor(
    private readonly place: { readonly account: string; readonly region: string },
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {}

  /** What scanners know from now on; scans that are over stay as they are, as on AWS. */
  pretend(findings: readonly ScanFinding[]): void {
    this.findings = findings;
  }

  /** The last scan of an image; undefined when it was never scanned */
  find(repositoryName: string, digest: string): ImageScan | undefined {
    return this.scans[this.registry.scanType].get(`${repositoryName}@${digest}`);
  }

  /** When images of a repository are scanned without being asked to */
  frequencyOf({ name, settings }: RepositoryToScan): ScanFrequency {
    return scanFrequency(this.registry, { name, scanOnPush: settings.scanOnPush });
  }

  /** An image is new to the scanner, which scans it when the configuration says so. */
  found(repository: RepositoryToScan, image: ImageToScan): void {
    const { name, settings } = repository;
    if (this.frequencyOf(repository) !== 'MANUAL') this.scan(repository, image);
    else if (settings.scanOnPush) {
      this.unproven(
        `'${name}' asks for a scan on push, and no rule of the registry names it: nothing was scanned, and what AWS makes of that is not documented`,
      );
    }
  }

  /**
   * Manual scans are basic scans. AWS documents no text for enhanced scanning; this is one that
   * people saw: https://github.com/alexjurkiewicz/ecr-scan-image/issues/44
   * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html
   *
   * @throws ServiceException `LimitExceededException` within 24 hours of the last one, `ValidationException`
   */
  start(repository: RepositoryToScan, image: ImageToScan): void {
    if (this.registry.scanType === 'ENHANCED') {
      throw new ServiceException('ValidationException', 'This feature is disabled');
    }
    const last = this.find(repository.name, image.digest);
    if (last !== undefined && this.clock.now() - last.completedAt < DAY_MS) {
      throw new ServiceException(
        'LimitExceededException',
        'The scan quota per image has been exceeded. Wait and try again.',
      );
    }
    this.scan(repository, image);
  }

  /** A scan of the registry's type, over at once: how long one takes is not documented. */
  private scan(repository: RepositoryToScan, image: ImageToScan): void {
    const { findings } = this;
    const { scanType } = this.registry;
    const scan = { repository, image, completedAt: this.clock.now(), findings };
    this.scans[scanType].set(`${repository.name}@${image.digest}`, scan);
    if (scanType === 'BASIC') this.events.emit(basicScanEvent(scan, this.place));
    else for (const event of enhancedScanEvents(scan, this.place)) this.events.emit(event);
    this.unproven(
      `images of '${repository.name}' are not scanned here: ${
        findings.length === 0
          ? 'what reads the findings was played with an empty result'
          : 'the findings were made up'
      }`,
    );
    if (this.frequencyOf(repository) === 'CONTINUOUS_SCAN') {
      this.unproven(
        `images of '${repository.name}' are scanned once: that Inspector scans them again when a vulnerability becomes known was not played`,
      );
    }
  }

  private unproven(message: string): void {
    this.events.emit({ kind: 'unproven', time: isoTime(this.clock.now()), message });
  }
}
