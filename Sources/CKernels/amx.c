#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attention.h"

/// The processor has bfloat16 tiles, and the system lets this process use them (Linux asks for that request).
static int request(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  if (!(d & (1u << 22)) || !(d & (1u << 24))) return 0;
  const long request_permission = 0x1023, tile_data = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

int ck_has_amx(void) {
  static _Atomic int known; // 0 not asked yet, 1 no, 2 yes
  if (!known) known = request() ? 2 : 1;
  return known == 2;
}
