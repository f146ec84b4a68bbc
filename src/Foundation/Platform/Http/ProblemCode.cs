namespace Quoin.Platform;

/// <summary>Whether trying the same request again can help.</summary>
public enum Retry
{
    /// <summary>The same request will fail again; change it first.</summary>
    Final,

    /// <summary>The same request may succeed later.</summary>
    Later,
}

/// <summary>
/// A stable, machine-readable way for a request to fail (RFC 9457). Codes never change meaning; the generated
/// <c>docs/reference/errors.md</c> lists them all. Each module declares its own as static readonly fields.
/// </summary>
/// <param name="Code">Stable lower snake case: <c>insufficient_funds</c>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">One short sentence, the same for every occurrence.</param>
/// <param name="WhatToDo">What the caller can do about it.</param>
/// <param name="Retry">Whether trying again can help.</param>
public sealed record ProblemCode(string Code, int Status, string Title, string WhatToDo, Retry Retry = Retry.Final);
