/** What people know a device by. */
export interface DeviceInfo {
  readonly name: string
  readonly manufacturer?: string
  readonly model?: string
  readonly serial?: string
  readonly swVersion?: string
  /** Its own web page, http or https. */
  readonly configurationUrl?: string
  /** The device that it speaks through, as readings call it. */
  readonly viaDevice?: string
}
