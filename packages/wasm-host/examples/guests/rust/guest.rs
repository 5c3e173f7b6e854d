//! A plugin in Rust without a library: the exports and the one import of the world sigil:plugin, by the canonical ABI.
#![allow(clippy::missing_safety_doc)]

use std::alloc::{alloc, realloc, Layout};

#[repr(C)]
#[derive(Clone, Copy)]
struct Text {
    bytes: *const u8,
    length: usize,
}

impl Text {
    const fn of(text: &'static str) -> Text {
        Text { bytes: text.as_ptr(), length: text.len() }
    }

    fn given(text: String) -> Text {
        let kept = Box::leak(text.into_boxed_str());
        Text { bytes: kept.as_ptr(), length: kept.len() }
    }
}

#[repr(C)]
struct OptionalText {
    present: u8,
    value: Text,
}

const ABSENT: OptionalText = OptionalText { present: 0, value: Text::of("") };

#[repr(C)]
pub struct ToolDescription {
    name: Text,
    title: OptionalText,
    description: Text,
    input_schema_json: Text,
    output_schema_json: OptionalText,
    annotations: [u8; 9],
}

#[repr(C)]
pub struct ToolList {
    tools: *const ToolDescription,
    count: usize,
}

#[derive(Clone, Copy)]
#[repr(u8)]
enum ErrorCode {
    UnknownTool = 0,
    Denied = 2,
    Failed = 5,
}

#[repr(C)]
pub struct CallResult {
    failed: u8,
    payload: Payload,
}

#[repr(C)]
union Payload {
    json: Text,
    error: std::mem::ManuallyDrop<CallError>,
}

#[repr(C)]
struct CallError {
    code: ErrorCode,
    message: Text,
    retryable: u8,
    details_json: OptionalText,
}

#[repr(C)]
struct RandomResult {
    failed: u8,
    /// Pointer to the bytes, or the kind of the error.
    first: usize,
    rest: [usize; 2],
}

#[link(wasm_import_module = "sigil:plugin/random@0.1.0")]
extern "C" {
    #[link_name = "bytes"]
    fn random_bytes(length: u32, result: *mut RandomResult);
}

#[export_name = "cabi_realloc"]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    if size == 0 {
        return align as *mut u8;
    }
    let fresh = if old_size == 0 {
        alloc(Layout::from_size_align_unchecked(size, align))
    } else {
        realloc(old, Layout::from_size_align_unchecked(old_size, align), size)
    };
    if fresh.is_null() {
        std::process::abort();
    }
    fresh
}

fn described(name: &'static str, description: &'static str) -> ToolDescription {
    ToolDescription {
        name: Text::of(name),
        title: ABSENT,
        description: Text::of(description),
        input_schema_json: Text::of(r#"{"type":"object"}"#),
        output_schema_json: ABSENT,
        annotations: [0; 9],
    }
}

#[export_name = "sigil:plugin/tool@0.1.0#describe"]
pub extern "C" fn describe() -> *const ToolList {
    let tools = vec![described("echo", "Answers its arguments"), described("dice", "Throws a dice")].leak();
    Box::leak(Box::new(ToolList { tools: tools.as_ptr(), count: tools.len() }))
}

fn dice() -> Result<String, (ErrorCode, &'static str)> {
    let mut random = RandomResult { failed: 0, first: 0, rest: [0; 2] };
    unsafe { random_bytes(1, &mut random) };
    match (random.failed, random.first as u8) {
        (0, _) => Ok((1 + unsafe { *(random.first as *const u8) } % 6).to_string()),
        (_, 0) => Err((ErrorCode::Denied, "no randomness")),
        _ => Err((ErrorCode::Failed, "no randomness")),
    }
}

#[export_name = "sigil:plugin/tool@0.1.0#call"]
#[allow(clippy::too_many_arguments)]
pub unsafe extern "C" fn call(
    name: *mut u8, name_length: usize, arguments: *mut u8, arguments_length: usize,
    _call_id: *mut u8, _call_id_length: usize, _remaining_ms: u32,
    _traced: u32, _traceparent: *mut u8, _traceparent_length: usize,
) -> *const CallResult {
    let tool = String::from_raw_parts(name, name_length, name_length);
    let json = String::from_raw_parts(arguments, arguments_length, arguments_length);
    let outcome = match tool.as_str() {
        "echo" => Ok(json),
        "dice" => dice(),
        _ => Err((ErrorCode::UnknownTool, "no such tool")),
    };
    let result = match outcome {
        Ok(json) => CallResult { failed: 0, payload: Payload { json: Text::given(json) } },
        Err((code, message)) => {
            let error = CallError { code, message: Text::of(message), retryable: 0, details_json: ABSENT };
            CallResult { failed: 1, payload: Payload { error: std::mem::ManuallyDrop::new(error) } }
        }
    };
    Box::leak(Box::new(result))
}
