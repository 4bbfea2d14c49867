/**
 * Remembers what a pure function says of an object for as long as the object lives. The object must
 * not change.
 */
export function perObject<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const held = new WeakMap<K, { readonly value: V }>()
  return (key) => {
    const known = held.get(key)
    if (known) return known.value
    const value = make(key)
    held.set(key, { value })
    return value
  }
}
