/**
 * What to do on the host about channels that a guest does not have: the guest itself can do nothing.
 */
export const addChannelsOnHost: string =
  'On the host, `negotiator-host doctor GUEST` tells what to add to the machine. Then shut it down and start it:\n' +
  'a reboot from within does not plug in what was added to its definition.'
