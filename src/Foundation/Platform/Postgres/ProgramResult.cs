namespace Quoin.Platform;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Zero means success.</param>
/// <param name="Output">What it wrote, standard output then errors.</param>
public sealed record ProgramResult(int ExitCode, string Output)
{
    /// <summary>Whether it succeeded.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The result, if it is a success.</summary>
    /// <exception cref="InvalidOperationException">The program failed; the message has its last words.</exception>
    public ProgramResult OrThrow(string what) => Succeeded
        ? this
        : throw new InvalidOperationException($"{what} failed (exit code {ExitCode}): {Output.Trim()}");
}
