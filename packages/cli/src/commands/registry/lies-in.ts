import { existsSync, realpathSync } from 'node:fs'

/** Tells whether the place of an entry is one of these folders or files, by whatever path. */
export function liesIn(places: readonly string[]): (place: string | null) => boolean {
  const real = new Set(places.filter((place) => existsSync(place)).map((one) => realpathSync(one)))
  return (place) =>
    real.size > 0 && place !== null && existsSync(place) && real.has(realpathSync(place))
}
