// A plugin in C without a library: the exports and the one import of the world sigil:plugin, by the canonical ABI.
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *bytes;
  size_t length;
} text;

#define TEXT(literal) ((text){literal, sizeof(literal) - 1})

typedef struct {
  uint8_t present;
  text value;
} optional_text;

typedef struct {
  text name;
  optional_text title;
  text description;
  text input_schema_json;
  optional_text output_schema_json;
  uint8_t annotations[9];
} tool_description;

typedef struct {
  tool_description *tools;
  size_t count;
} tool_list;

enum error_code { unknown_tool, invalid_arguments, denied, unavailable, cancelled, failed };

typedef struct {
  uint8_t code;
  text message;
  uint8_t retryable;
  optional_text details_json;
} call_error;

typedef struct {
  uint8_t failed;
  union {
    text json;
    call_error error;
  };
} call_result;

typedef struct {
  uint8_t failed;
  union {
    struct {
      uint8_t *bytes;
      size_t length;
    } value;
    struct {
      uint8_t kind;
      text words;
    } error;
  };
} random_result;

__attribute__((import_module("sigil:plugin/random@0.1.0"), import_name("bytes")))
void random_bytes(uint32_t length, random_result *result);

// Everything is thrown away at the next call: a pointer that only grows is enough.
static uint8_t heap[262144];
static size_t used;

__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  size_t start = (used + align - 1) / align * align;
  if (start > sizeof heap || size > sizeof heap - start) __builtin_trap();
  used = start + size;
  uint8_t *fresh = heap + start;
  for (size_t at = 0; at < old_size && at < size; at += 1) fresh[at] = ((uint8_t *)old)[at];
  return fresh;
}

static int same(text one, text other) {
  if (one.length != other.length) return 0;
  for (size_t at = 0; at < one.length; at += 1) {
    if (one.bytes[at] != other.bytes[at]) return 0;
  }
  return 1;
}

__attribute__((export_name("sigil:plugin/tool@0.1.0#describe")))
tool_list *describe(void) {
  static tool_description tools[2];
  static tool_list list = {tools, 2};
  const text schema = TEXT("{\"type\":\"object\"}");
  tools[0] = (tool_description){
      .name = TEXT("echo"), .description = TEXT("Answers its arguments"), .input_schema_json = schema};
  tools[1] = (tool_description){
      .name = TEXT("dice"), .description = TEXT("Throws a dice"), .input_schema_json = schema};
  return &list;
}

static call_result fail(enum error_code code, text message) {
  return (call_result){.failed = 1, .error = {.code = code, .message = message}};
}

static call_result dice(void) {
  static char number[1];
  random_result random;
  random_bytes(1, &random);
  if (random.failed) return fail(random.error.kind == 0 ? denied : failed, TEXT("no randomness"));
  number[0] = (char)('1' + random.value.bytes[0] % 6);
  return (call_result){.json = {number, 1}};
}

__attribute__((export_name("sigil:plugin/tool@0.1.0#call")))
call_result *call(const char *name, size_t name_length, const char *arguments, size_t arguments_length,
                  const char *call_id, size_t call_id_length, uint32_t remaining_ms,
                  uint32_t traced, const char *traceparent, size_t traceparent_length) {
  static call_result result;
  const text tool = {name, name_length};
  used = 0;
  if (same(tool, TEXT("echo"))) result = (call_result){.json = {arguments, arguments_length}};
  else if (same(tool, TEXT("dice"))) result = dice();
  else result = fail(unknown_tool, TEXT("no such tool"));
  return &result;
}
