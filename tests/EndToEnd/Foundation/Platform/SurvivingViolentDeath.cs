using System.Net;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Platform;

public sealed class SurvivingViolentDeath
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Leaves_the_database_to_the_next_host_when_the_host_is_killed()
    {
        using var folder = await TestFolder.Create();
        await using var killed = await QuoinProcess.ServeFolder(folder.Data);
        var server = folder.PostmasterId();

        killed.Kill();
        await using var next = await QuoinProcess.ServeFolder(folder.Data);

        folder.PostmasterId().ShouldBe(server);
        (await IsReady(next)).ShouldBeTrue();
        (await next.Stop()).ShouldBe(0);
        folder.PostmasterId().ShouldBeNull();
    }

    [Fact]
    public async Task Keeps_the_database_for_the_other_host_when_one_is_killed()
    {
        using var folder = await TestFolder.Create();
        await using var first = await QuoinProcess.ServeFolder(folder.Data);
        await using var second = await QuoinProcess.ServeFolder(folder.Data);
        var server = folder.PostmasterId();

        first.Kill();

        (await IsReady(second)).ShouldBeTrue();
        folder.PostmasterId().ShouldBe(server);
    }

    [Fact]
    public async Task Is_ready_again_within_seconds_when_the_database_server_is_killed()
    {
        using var folder = await TestFolder.Create();
        await using var first = await QuoinProcess.ServeFolder(folder.Data);
        await using var second = await QuoinProcess.ServeFolder(folder.Data);

        for (var round = 0; round < 3; round++)
        {
            var server = folder.PostmasterId();
            folder.KillPostgres();

            await Eventually(() => Task.FromResult(folder.PostmasterId() is { } id && id != server));
            await Eventually(() => IsReady(first));
            await Eventually(() => IsReady(second));
        }
    }

    [Fact]
    public async Task Recovers_when_host_and_database_server_are_killed_together()
    {
        using var folder = await TestFolder.Create();
        await using var killed = await QuoinProcess.ServeFolder(folder.Data);

        killed.Kill();
        folder.KillPostgres();
        await using var next = await QuoinProcess.ServeFolder(folder.Data);

        (await IsReady(next)).ShouldBeTrue();
    }

    [Fact]
    public async Task Stops_cleanly_and_soon_when_asked()
    {
        using var folder = await TestFolder.Create();
        await using var host = await QuoinProcess.ServeFolder(folder.Data);
        var began = TimeProvider.System.GetTimestamp();

        var exitCode = await host.Stop();

        exitCode.ShouldBe(0);
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        folder.PostmasterId().ShouldBeNull();
    }

    [Fact]
    public async Task Says_in_one_line_what_is_wrong_when_it_cannot_start()
    {
        using var folder = await TestFolder.Create();
        var file = Path.Combine(folder.Root, "a-file");
        await File.WriteAllTextAsync(file, "in the way");

        var (exitCode, output) = await QuoinProcess.Run(["serve", "--port", "0", "--data", Path.Combine(file, "data")]);

        exitCode.ShouldBe(1);
        output.Trim().ShouldStartWith("quoin: The data folder cannot be used");
        output.Trim().ShouldNotContain('\n');
    }

    private static async Task<bool> IsReady(QuoinProcess host)
    {
        using var answer = await host.Client.GetAsync("/health/ready");
        return answer.StatusCode is HttpStatusCode.OK;
    }

    // Real processes take real time.
    private static async Task Eventually(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }
}
