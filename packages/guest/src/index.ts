/** The public door of @negotiator/guest. */
export {}
