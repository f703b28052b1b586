/** The entry of negotiator-host. */
export {}
