// The words that the bare hop reads, as plain C variables: a Swift global costs a check for its initialisation at each
// use, and a floor that pays for that makes everything above it look cheap.
#ifndef CBAREHOP_H
#define CBAREHOP_H

extern void *bare_actor;
extern void *bare_parking;

static inline void *bare_get_actor(void) { return __atomic_load_n(&bare_actor, __ATOMIC_ACQUIRE); }
static inline void *bare_get_parking(void) { return __atomic_load_n(&bare_parking, __ATOMIC_ACQUIRE); }

static inline void bare_install(void *actor, void *parking) {
  __atomic_store_n(&bare_parking, parking, __ATOMIC_RELEASE);
  __atomic_store_n(&bare_actor, actor, __ATOMIC_RELEASE);
}

/// Does nothing, in a way that no optimizer sees.
void bare_opaque(void);

#endif
