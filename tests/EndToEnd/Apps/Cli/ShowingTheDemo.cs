using System.Net;
using System.Text.RegularExpressions;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Cli;

public sealed partial class ShowingTheDemo
{
    [Fact]
    public async Task Fills_a_new_quoin_and_finds_everything_again()
    {
        using var folder = await TestFolder.Create();
        await using var host = await QuoinProcess.ServeFolder(folder.Data, "--demo");
        string[] demo = ["demo", "--once", "--events", "2000", "--data", folder.Data, "--url", host.Address.ToString()];

        var first = await QuoinProcess.Run(demo);

        first.ExitCode.ShouldBe(0, first.Output);
        var (accepted, duplicate) = History(first.Output);
        accepted.ShouldBeInRange(1_800, 2_200);
        duplicate.ShouldBe(0);
        var keyFile = Path.Combine(folder.Data, "demo-key");
        File.GetUnixFileMode(keyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        first.Output.ShouldNotContain((await File.ReadAllTextAsync(keyFile)).Trim());

        var key = await File.ReadAllTextAsync(keyFile);
        var second = await QuoinProcess.Run(demo);

        second.ExitCode.ShouldBe(0, second.Output);
        (await File.ReadAllTextAsync(keyFile)).ShouldBe(key);
        History(second.Output).Duplicate.ShouldBeInRange(accepted - 20, accepted);
        OrganisationPattern().Match(second.Output).Value.ShouldBe(OrganisationPattern().Match(first.Output).Value);
    }

    [Fact]
    public async Task Prints_commands_and_a_link_that_work_as_they_are()
    {
        using var folder = await TestFolder.Create();
        await using var host = await QuoinProcess.ServeFolder(folder.Data, "--demo");

        var demo = await QuoinProcess.Run(
            ["demo", "--once", "--events", "10", "--data", folder.Data, "--url", host.Address.ToString()]);
        var commands = CurlPattern().Matches(demo.Output).Select(match => match.Value).ToArray();
        var link = LinkPattern().Match(demo.Output).Value;

        commands.Length.ShouldBe(3, demo.Output);
        (await Shell(commands[0])).ShouldContain("\"verdict\":\"accepted\",\"duplicate\":false");
        (await Shell(commands[0])).ShouldContain("\"duplicate\":true");
        (await Shell(commands[1])).ShouldContain("\"content\":\"Hello\"");
        (await Shell(commands[2])).ShouldContain("\"available\":{\"currency\":\"USD\",\"amount_micros\":");
        (await host.Client.GetAsync(link)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static (long Accepted, long Duplicate) History(string output)
    {
        var match = HistoryPattern().Match(output);
        static long Number(Group group) => long.Parse(
            group.Value, System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);
        return (Number(match.Groups["accepted"]), Number(match.Groups["duplicate"]));
    }

    private static async Task<string> Shell(string command)
    {
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return output;
    }

    [GeneratedRegex("History: (?<accepted>[0-9,]+) accepted, (?<duplicate>[0-9,]+) duplicate", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HistoryPattern();

    [GeneratedRegex("org_[0-9a-z]{26}", RegexOptions.None, 1000)]
    private static partial Regex OrganisationPattern();

    // A command and the lines that go on with it, which stand further in.
    [GeneratedRegex(@"curl [^\n]*(\n {4,}[^\n]*)*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CurlPattern();

    [GeneratedRegex("http://[^ \n]*/sign-in[?]token=[0-9A-Za-z_]+", RegexOptions.None, 1000)]
    private static partial Regex LinkPattern();
}
