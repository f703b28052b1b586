/** The public door of @negotiator/host. */
export {}
