using Quoin.Inference;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Agents.Inference;

public sealed class RememberingWhatWasRead
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SettableClock clock = new();
    private readonly Queue<TaskCompletionSource<int>> asked = new();
    private readonly Remembered<string, int> remembered;

    public RememberingWhatWasRead() => remembered = new(Read, Second, 3, clock);

    [Fact]
    public async Task Reads_once_while_it_is_fresh()
    {
        await Known("a", 1);
        clock.Advance(TimeSpan.FromMilliseconds(499));

        (await Of("a")).ShouldBe(1);

        asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_reading_serves_all_who_ask_meanwhile()
    {
        var (first, second) = (Of("a"), Of("a"));

        Only().SetResult(1);

        (await first, await second).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Half_stale_is_read_again_behind_whoever_asks()
    {
        await Known("a", 1);
        clock.Advance(TimeSpan.FromMilliseconds(500));

        (await Of("a"), await Of("a")).ShouldBe((1, 1));
        await Until(() => asked.Count == 1);
        Only().SetResult(2);

        await Until(() => Of("a") is { IsCompletedSuccessfully: true, Result: 2 });
    }

    [Fact]
    public async Task Stale_is_waited_for()
    {
        await Known("a", 1);
        clock.Advance(Second);

        var answer = Of("a");
        answer.IsCompleted.ShouldBeFalse();
        Only().SetResult(2);

        (await answer).ShouldBe(2);
    }

    [Fact]
    public async Task What_was_forgotten_is_not_brought_back_by_a_reading_that_began_before()
    {
        var before = Of("a");
        remembered.Forget("a");
        var old = Only();
        await Known("a", 2);

        old.SetResult(1);

        (await before, await Of("a")).ShouldBe((1, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_forgotten_is_not_brought_back_by_a_refresh_that_began_before(bool isReadAgain)
    {
        await Known("a", 1);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        await Of("a");
        await Until(() => asked.Count == 1);
        var refresh = Only();
        remembered.ForgetAll();
        if (isReadAgain)
        {
            await Known("a", 3);
        }

        refresh.SetResult(2);
        await Task.Yield();

        if (!isReadAgain)
        {
            var answer = Of("a");
            Only().SetResult(3);
            await answer;
        }

        (await Of("a")).ShouldBe(3);
    }

    [Fact]
    public async Task A_reading_that_failed_is_told_and_made_again()
    {
        var failed = Of("a");
        Only().SetException(new IOException("gone"));
        await Should.ThrowAsync<IOException>(failed);

        await Known("a", 1);

        (await Of("a")).ShouldBe(1);
    }

    [Fact]
    public async Task A_refresh_that_failed_leaves_what_is_known_until_it_is_stale()
    {
        await Known("a", 1);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        await Of("a");
        await Until(() => asked.Count == 1);
        Only().SetException(new IOException("gone"));

        (await Of("a")).ShouldBe(1);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        await Known("a", 2);
    }

    [Fact]
    public async Task Who_leaves_does_not_end_the_reading_for_others()
    {
        using var leaving = new CancellationTokenSource();
        var left = remembered.Of("a", leaving.Token).AsTask();
        var stays = Of("a");

        await leaving.CancelAsync();
        Only().SetResult(1);

        await Should.ThrowAsync<OperationCanceledException>(left);
        (await stays).ShouldBe(1);
    }

    [Fact]
    public async Task Beyond_its_bound_all_are_forgotten()
    {
        await Known("a", 1);
        await Known("b", 2);
        await Known("c", 3);
        await Known("d", 4);

        await Known("a", 5);
        (await Of("d")).ShouldBe(4);
    }

    private Task<int> Of(string key) => remembered.Of(key, CancellationToken.None).AsTask();

    private async Task Known(string key, int value)
    {
        var answer = Of(key);
        Only().SetResult(value);
        (await answer).ShouldBe(value);
    }

    private TaskCompletionSource<int> Only()
    {
        lock (asked)
        {
            asked.Count.ShouldBe(1);
            return asked.Dequeue();
        }
    }

    private Task<int> Read(string key)
    {
        var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (asked)
        {
            asked.Enqueue(answer);
        }

        return answer.Task;
    }

    // What happens behind whoever asks happens on another thread.
    private static async Task Until(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Yield();
        }
    }
}
