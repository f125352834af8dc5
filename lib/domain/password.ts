/** Length of a password in characters. */
export const minPasswordLength = 10
export const maxPasswordLength = 128
