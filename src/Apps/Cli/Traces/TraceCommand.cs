using System.CommandLine;

namespace Quoin.Cli;

/// <summary><c>quoin trace make</c>: makes a trace to replay.</summary>
internal static class TraceCommand
{
    private static readonly Argument<FileInfo> File = new("file") { Description = "Where to write it." };

    private static readonly Option<int> Rows = new("--rows")
    {
        Description = "How many calls.",
        HelpName = "N",
        DefaultValueFactory = _ => 10_000,
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "The same number makes the same trace.",
        HelpName = "S",
        DefaultValueFactory = _ => 1,
    };

    public static Command Create()
    {
        var make = new Command(
            "make",
            "Make a trace in the form `quoin replay azure-llm` reads: prompt lengths on a log-normal curve, arrivals in bursts.")
        {
            File, Rows, Seed,
        };
        make.Validators.Add(result =>
        {
            if (result.GetResult(Rows) is { Implicit: false } && result.GetValue(Rows) is < 1 or > Limits.TraceRowsMax)
            {
                result.AddError($"--rows takes 1 to {Limits.TraceRowsMax}.");
            }
        });
        make.SetWork(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetRequiredValue(File);
            var rows = parsed.GetValue(Rows);
            await using var text = new StreamWriter(file.Open(FileMode.Create, FileAccess.Write));
            TraceMaker.Write(text, TraceMaker.Rows(rows, parsed.GetValue(Seed)).TakeWhile(_ => !cancellationToken.IsCancellationRequested));
            cancellationToken.ThrowIfCancellationRequested();
            Console.WriteLine($"{file.FullName}: {rows} rows");
            return ExitCodes.Done;
        });
        return new Command("trace", "Make traces of LLM calls.") { make };
    }
}
