/** An address that the egress policy has checked and that must be the one to connect to. */
export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}
