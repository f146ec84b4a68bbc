namespace Quoin.Server;

/// <summary>
/// A command cannot do what it was asked, for a reason its user can act on. The message is all they see: no stack trace.
/// </summary>
internal sealed class CommandException(string message, Exception? innerException = null)
    : Exception(message, innerException);
