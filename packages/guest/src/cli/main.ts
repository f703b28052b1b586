/** The entry of negotiator-guest. */
export {}
