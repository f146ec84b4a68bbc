namespace Quoin.Cli;

/// <summary>One call of a trace.</summary>
/// <param name="Line">Its line in the file, from one; the heading is line 1.</param>
/// <param name="Time">When it arrived, UTC, to 100 ns.</param>
/// <param name="InputTokens">Tokens of the prompt.</param>
/// <param name="OutputTokens">Tokens of the answer.</param>
public readonly record struct TraceRow(int Line, DateTimeOffset Time, long InputTokens, long OutputTokens);

/// <summary>A line of a trace that is no call.</summary>
/// <param name="Line">The line, from one.</param>
/// <param name="Reason">What is wrong with it, for a person.</param>
public sealed record TraceFault(int Line, string Reason);
