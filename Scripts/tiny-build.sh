# How tiny programs are built, for the other scripts. Four kinds:
#
#     mps2-an386, riscv32-virt    boards: their folders are in Boards/
#     linux                       static Linux programs, with musl
#     asan                        Linux programs under the address sanitizer
#
#     tiny_modules KIND                   builds the modules of a kind into .build/tiny/KIND
#     tiny_program KIND NAME SOURCE...    builds a program; Swift and C sources; leaves it in .build/tiny/KIND/NAME
#
# TINY_LINK adds options to the linking, TINY_SWIFT to the compiling of the program's Swift sources, TINY_C to that of
# C.
#
# Swift makes intermediate code and clang makes objects of it: so data get sections of their own (without, the linker
# could throw nothing away), and everything is optimized as a whole when it is linked. Bytes.c must stay out of that: the linker
# makes calls of memset and the like when all else is done; and it must not become a call of itself (-ffreestanding). The
# other files are compiled without that option, though there is no C library: what is compiled with it is never inlined into
# what is not, Swift's code for one.

tiny_out=.build/tiny
tiny_header=Sources/Tiny/Runtime/include
tiny_swift_flags="-swift-version 6 -enable-experimental-feature Embedded -enable-experimental-feature RawLayout -enable-experimental-feature BuiltinModule
  -parse-as-library -wmo -assume-single-threaded -enforce-exclusivity=unchecked -DUASYNCIO_TINY
  -enable-upcoming-feature NonisolatedNonsendingByDefault -Xfrontend -disable-stack-protector
  -Xfrontend -function-sections -I $tiny_header -I Sources/Tiny/Linux/include"
tiny_c_flags="-std=c17 -Wall -Wextra -Wno-override-module -Wno-unused-command-line-argument -fno-strict-aliasing -ffunction-sections -fdata-sections
  -I $tiny_header -I Sources/Tiny/Linux/include"

# The headers alone are told that there is no C library.
tiny_freestanding="-D__STDC_HOSTED__=0 -Wno-builtin-macro-redefined"

# Says what is missing, all at once, and by which of Debian's packages it can be had.
tiny_tools() {
  local missing=() line
  while read -r command package; do
    command -v "$command" >/dev/null || missing+=("$command ($package)")
  done <<'LIST'
swiftc the Swift toolchain
clang the Swift toolchain
ld.lld the Swift toolchain
llvm-size the Swift toolchain or llvm
arm-none-eabi-gcc gcc-arm-none-eabi
riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf
qemu-system-arm qemu-system-arm
qemu-system-riscv32 qemu-system-misc
musl-gcc musl-tools
python3 python3
valgrind valgrind
LIST
  [ ${#missing[@]} -eq 0 ] && return 0
  printf 'missing: %s\n' "${missing[@]}"
  return 1
}

# Sets what differs from kind to kind.
tiny_kind() {
  kind=$1
  out=$tiny_out/$kind
  board_link=
  mkdir -p "$out"
  case $kind in
    mps2-an386)
      target=armv7em-none-none-eabi machine="-mcpu=cortex-m4 -mfloat-abi=soft" optimize="-Osize" c_optimize=-Oz
      # The outliner of this release keeps the return address in a register that it takes for free, where the error lies that a
      # function passes on to its caller's resumption.
      board_link="-mllvm -enable-machine-outliner=never"
      libgcc=$(arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -print-libgcc-file-name) ;;
    riscv32-virt)
      target=riscv32-none-none-eabi machine="-march=rv32imac -mabi=ilp32" optimize="-Osize" c_optimize=-Oz
      libgcc=$(riscv64-unknown-elf-gcc -march=rv32imac -mabi=ilp32 -print-libgcc-file-name) ;;
    linux) target=x86_64-unknown-linux-gnu machine="" optimize="-O" c_optimize=-O2 ;;
    asan)
      target=x86_64-unknown-linux-gnu machine="" optimize="-O -sanitize=address -DUASYNCIO_CHECKED -DUASYNCIO_LINKED"
      c_optimize="-O1 -g -fsanitize=address -DTINY_CHECKED" ;;
  esac
  c_target="$machine"
  case $kind in
    mps2-an386 | riscv32-virt) c_target="-target $target $machine -fno-pic $tiny_freestanding" ;;
    linux)
      c_target="-fno-pic -D_GNU_SOURCE -nostdlibinc"
      c_target+=" -isystem $(grep -o '/[^ ]*include/[^ ]*musl' "$(tiny_musl_specs)" | head -1)" ;;
    *) c_target="-fno-pic -D_GNU_SOURCE" ;;
  esac
  swift_machine=()
  case $kind in mps2-an386 | riscv32-virt) swift_machine+=(-DUASYNCIO_BOARD -DUASYNCIO_LINKED) ;; esac
  local option
  for option in $machine; do swift_machine+=(-Xcc "$option"); done
}

# `tiny_swift MODULE SOURCE... -- OPTION...`: Swift sources to an object.
tiny_swift() {
  local module=$1 sources=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do sources+=("$1"); shift; done
  [ $# -eq 0 ] || shift
  # shellcheck disable=SC2086
  if [ "$kind" = asan ]; then
    swiftc -target "$target" $optimize $tiny_swift_flags -I "$out" "$@" \
      -module-name "$module" -c "${sources[@]}" -o "$out/$module.o"
    return
  fi
  swiftc -target "$target" $optimize $tiny_swift_flags "${swift_machine[@]}" -I "$out" "$@" \
    -module-name "$module" -emit-ir "${sources[@]}" -o "$out/$module.ll" 2> >(grep -v 'unknown driver flag' >&2)
  tiny_adapt "$out/$module.ll"
  clang $c_target $c_optimize $tiny_c_flags -flto -c "$out/$module.ll" -o "$out/$module.o"
}

# Five things that the compiler says would be in the way:
# - The records of async functions are said to be variable. As constants, which they are, they need no RAM on a board, and how
#   large a callee's context is need not be looked up where its record is known.
# - tiny_park's record is not known, for it is written in C. Here it is.
# - On x86-64 each function that a coroutine is resumed in notes where its caller's context is, for debuggers that can follow
#   that: a frame of the machine's stack and a dozen instructions. No debugger looks for it here.
# - swift_task_alloc and swift_task_dealloc are declared to touch no memory that anybody else sees. An optimizer that sees into
#   them as well would remove what they do.
# - On Linux, blocks are to come from Sources/Tiny/Linux/Heap.c, which can be seen into, and not from the C library.
tiny_adapt() {
  local name=llvm.swift.async.context.addr record=%swift.async_func_pointer word=i32 distance
  [ "$kind" != linux ] || word=i64
  distance="sub ($word ptrtoint (ptr @tiny_park to $word), $word ptrtoint (ptr @tiny_parkTu to $word))"
  [ $word = i32 ] || distance="trunc (i64 $distance to i32)"
  awk -v call="call ptr @$name" -v park="available_externally constant $record <{ i32 $distance, i32 0 }>" -v record="$record" '
    /^@tiny_parkTu = external/ { print "@tiny_parkTu = " park; next }
    /^@/ { sub(" global " record, " constant " record) }
    index($0, call) { noted[$1] = 1; next }
    /^define/ { delete noted }
    $1 == "store" && $4 == "ptr" { place = $5; sub(/,$/, "", place); if (place in noted) next }
    { print }' "$1" >"$1.short"
  sed -i '/@swift_task_\(de\)\?alloc(/s/ #[0-9]*$//' "$1.short"
  [ "$kind" != linux ] || sed -i 's/@posix_memalign(/@tiny_take(/; s/@free(/@tiny_give_back(/' "$1.short"
  mv "$1.short" "$1"
}

# `tiny_c OBJECT SOURCE OPTION...`
tiny_c() {
  local object=$1 source=$2
  shift 2
  local lto=-flto
  case $source in
    */Bytes.c | */Start.c | *.S) lto="-fno-lto -ffreestanding" ;;
  esac
  [ "$kind" != asan ] || lto=-fno-lto
  # shellcheck disable=SC2086
  clang $c_target $c_optimize $tiny_c_flags $lto "$@" -c "$source" -o "$out/$object.o"
}

tiny_modules() {
  tiny_kind "$1"
  local face=(Sources/Tiny/Face/*.swift) runtime=(Tasks Hop Verify Errors Counting) name
  swiftc -target "$target" -enable-experimental-feature Embedded -parse-stdlib -parse-as-library -wmo -Osize \
    -module-name _Concurrency -emit-module -emit-module-path "$out/_Concurrency.swiftmodule" \
    Sources/Tiny/Concurrency/*.swift
  tiny_swift Scheduler Sources/Scheduler/*.swift -- -emit-module-path "$out/Scheduler.swiftmodule"
  case $kind in
    linux | asan)
      face+=(Sources/Tiny/Linux/*.swift)
      tiny_c Linux Sources/Tiny/Linux/Linux.c
      # The address sanitizer has a heap of its own.
      [ "$kind" = asan ] || tiny_c LinuxHeap Sources/Tiny/Linux/Heap.c ;;
    *)
      runtime+=(Heap Bytes)
      tiny_c Uart Boards/common/Uart.c
      tiny_c Start "$(ls Boards/"$kind"/Start.*)" ;;
  esac
  tiny_swift UAsyncIO "${face[@]}" -- -emit-module-path "$out/UAsyncIO.swiftmodule"
  for name in "${runtime[@]}"; do tiny_c "$name" "Sources/Tiny/Runtime/$name.c"; done
}

tiny_program() {
  tiny_kind "$1"
  local program=$2 swift=() objects=() source name
  shift 2
  for source in "$@"; do
    case $source in
      *.swift) swift+=("$source") ;;
      *)
        name=$program-$(basename "$source" .c)
        # shellcheck disable=SC2086
        tiny_c "$name" "$source" ${TINY_C:-}
        objects+=("$out/$name.o") ;;
    esac
  done
  # shellcheck disable=SC2086
  tiny_swift "$program" "${swift[@]}" -- ${TINY_SWIFT:-}
  objects+=("$out/$program.o" "$out/UAsyncIO.o" "$out/Scheduler.o")
  for name in Tasks Hop Verify Errors Counting; do objects+=("$out/$name.o"); done
  # shellcheck disable=SC2086
  case $kind in
    asan)
      clang -fsanitize=address -no-pie -fuse-ld=lld "${objects[@]}" "$out/Linux.o" \
        -Wl,--gc-sections ${TINY_LINK:-} -o "$out/$program" ;;
    linux)
      tiny_musl_link "${objects[@]}" "$out/Linux.o" "$out/LinuxHeap.o" --wrap=posix_memalign --wrap=free ;;
    *)
      for name in Heap Bytes Uart Start; do objects+=("$out/$name.o"); done
      # shellcheck disable=SC2086
      tiny_c "$program-Board" "Boards/$kind/Board.c" ${TINY_C:-}
      objects+=("$out/$program-Board.o")
      ld.lld --gc-sections --icf=all $board_link -T "Boards/$kind/Board.ld" "${objects[@]}" "$libgcc" --lto-O2 \
        ${TINY_LINK:-} -Map="$out/$program.map" -o "$out/$program" ;;
  esac
}

# musl-gcc is a script that names a file with what it needs; the libraries are beside it.
tiny_musl_specs() { grep -o '/[^" ]*musl-gcc.specs' "$(command -v musl-gcc)" | head -1; }

# Links against musl as musl-gcc would, with the linker that understands intermediate code.
tiny_musl_link() {
  local lib
  lib=$(dirname "$(tiny_musl_specs)")
  # shellcheck disable=SC2086
  ld.lld -static --gc-sections --lto-O2 --icf=safe -z norelro -z noseparate-code --hash-style=gnu --build-id=none \
    "$lib/crt1.o" "$lib/crti.o" "$@" ${TINY_LINK:-} "$lib/libc.a" "$(gcc -print-libgcc-file-name)" "$lib/crtn.o" \
    -s -o "$out/$program"
}

# Runs a program for a board in the emulator, where every instruction takes one nanosecond: so runs repeat exactly.
# `tiny_emulate BOARD PROGRAM [OPTION...]`
tiny_emulate() {
  local board=$1 program=$2
  shift 2
  case $board in
    mps2-an386)
      qemu-system-arm -M mps2-an386 -nographic -semihosting-config enable=on,target=native \
        -icount "${TINY_ICOUNT:-shift=0,align=off,sleep=off}" -kernel "$program" "$@" ;;
    riscv32-virt)
      qemu-system-riscv32 -M virt -bios none -nographic -rtc clock=vm \
        -icount "${TINY_ICOUNT:-shift=0,align=off,sleep=off}" -kernel "$program" "$@" ;;
  esac
}
