//! The short way from a JVM, which Kotlin's calls take: UTF-8 in arrays of bytes, by JNI. UniFFI's own way
//! there goes through JNA: nine crossings a call, which together cost a hundred times what the call does.
//!
//! What this rests on, in Kotlin, is `Direct.kt`: the classes `Direct` and `Waiting`, by these names.

mod tickets;

use crate::hub::BorderHub;
use crate::problem::BorderProblem;
use hub_bindings::Begun;
use jni::errors::{Result, ThrowRuntimeExAndDefault};
use jni::objects::{Global, JByteArray, JClass, JObject, JValue};
use jni::sys::{JNI_FALSE, JNI_TRUE, jboolean, jlong};
use jni::{Env, EnvUnowned, JavaVM, NativeMethod, jni_sig, jni_str};
use std::ffi::c_void;
use tickets::Tickets;

type Outcome = std::result::Result<String, BorderProblem>;

static TICKETS: Tickets = Tickets::new();

/// Makes the methods of the class `Direct` known to the virtual machine. JNA calls it, once.
#[allow(unreachable_pub, reason = "it is found by its name, in the library")]
#[unsafe(no_mangle)]
pub extern "system" fn hub_core_native_bind(mut env: EnvUnowned<'_>) -> jboolean {
    let bound = env.with_env(|env| -> Result<jboolean> {
        // From here on `JavaVM::singleton` knows it.
        env.get_java_vm()?;
        let direct = env.find_class(jni_str!("io/github/hubcore/Direct"))?;
        // SAFETY: name and signature of each are those of the function behind it.
        let methods = unsafe {
            [
                NativeMethod::from_raw_parts(
                    jni_str!("call"),
                    jni_str!("(J[B[BLio/github/hubcore/Waiting;)J"),
                    call as *mut c_void,
                ),
                NativeMethod::from_raw_parts(jni_str!("abandon"), jni_str!("(J)V"), abandon as *mut c_void),
            ]
        };
        // SAFETY: they are methods of this class, and static.
        unsafe { env.register_native_methods(&direct, &methods) }?;
        Ok(JNI_TRUE)
    });
    bound.resolve::<ThrowRuntimeExAndDefault>()
}

/// `Direct.call`: runs an operation. `waiting` is told its end: before this returns, and then 0 is answered, or
/// later, on a thread of the hub; then it is a ticket.
extern "system" fn call<'caller>(
    mut env: EnvUnowned<'caller>,
    _class: JClass<'caller>,
    hub: jlong,
    operation: JByteArray<'caller>,
    request: JByteArray<'caller>,
    waiting: JObject<'caller>,
) -> jlong {
    let called = env.with_env(|env| -> Result<jlong> {
        let (operation, request) = (text(env, &operation)?, text(env, &request)?);
        let begun = BorderHub::of_key(hub.cast_unsigned()).and_then(|hub| hub.begin(operation, request));
        let (waits, threads) = match begun {
            Ok((Begun::Waits(waits), threads)) => (waits, threads),
            Ok((Begun::Ended(outcome), _)) => {
                tell(env, &waiting, outcome.map_err(BorderProblem::from))?;
                return Ok(0);
            }
            Err(problem) => {
                tell(env, &waiting, Err(problem))?;
                return Ok(0);
            }
        };
        let mut asker = Asker { waiting: Some(env.new_global_ref(&waiting)?), ticket: TICKETS.draw() };
        let ticket = asker.ticket;
        let task = threads.spawn(async move {
            let outcome = waits.await;
            asker.end(outcome.map_err(BorderProblem::from));
        });
        TICKETS.hold(ticket, task.abort_handle());
        Ok(ticket)
    });
    called.resolve::<ThrowRuntimeExAndDefault>()
}

/// `Direct.abandon`: nobody waits for this call any more. What was handed to the writer is still written.
extern "system" fn abandon<'caller>(_env: EnvUnowned<'caller>, _class: JClass<'caller>, ticket: jlong) {
    TICKETS.abandon(ticket);
}

/// Who waits for a call. He is told its end, whatever becomes of the task.
struct Asker {
    waiting: Option<Global<JObject<'static>>>,
    ticket: jlong,
}

impl Asker {
    fn end(&mut self, outcome: Outcome) {
        let Some(waiting) = self.waiting.take() else { return };
        TICKETS.end(self.ticket);
        let told =
            JavaVM::singleton().and_then(|vm| vm.attach_current_thread(|env| tell(env, &waiting, outcome)));
        // Only a machine without memory gets here; it says so itself.
        drop(told);
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        self.end(Err(BorderProblem::closed()));
    }
}

fn tell(env: &mut Env<'_>, waiting: &JObject<'_>, outcome: Outcome) -> Result<()> {
    let (failed, text) = match outcome {
        Ok(answer) => (JNI_FALSE, answer),
        Err(BorderProblem::Told { problem }) => (JNI_TRUE, problem),
    };
    let text = env.byte_array_from_slice(text.as_bytes())?;
    let arguments = [JValue::Bool(failed), JValue::Object(&text)];
    // Found each time: a machine may have this class twice, by two loaders.
    env.call_method(waiting, jni_str!("ended"), jni_sig!("(Z[B)V"), &arguments)?;
    env.delete_local_ref(text);
    Ok(())
}

fn text(env: &Env<'_>, bytes: &JByteArray<'_>) -> Result<String> {
    let bytes = env.convert_byte_array(bytes)?;
    // Kotlin writes nothing else; what it cannot write so it has refused before.
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Lets a thread of the hub into the virtual machine, where there is one, as a thread that keeps no process
/// alive: once, since each time costs more than most calls.
pub(crate) fn enter() {
    let Ok(vm) = JavaVM::singleton() else { return };
    let vm = vm.get_raw();
    let mut env = std::ptr::null_mut();
    // SAFETY: the machine is there as long as the process is, and its table with it. Without arguments it
    // names the thread itself.
    let _attached = unsafe { ((**vm).v1_4.AttachCurrentThreadAsDaemon)(vm, &mut env, std::ptr::null_mut()) };
}

/// Lets a thread out that ends.
pub(crate) fn leave() {
    let Ok(vm) = JavaVM::singleton() else { return };
    let vm = vm.get_raw();
    // SAFETY: as above; nothing of Java is below on a thread that ends, and nothing of it is used afterwards.
    let _detached = unsafe { ((**vm).v1_4.DetachCurrentThread)(vm) };
}
