using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.EndToEnd.Foundation.Platform.Http;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Repeating;

public sealed class RepeatingARequest(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly SemaphoreSlim Entered = new(0);
    private static readonly SemaphoreSlim Left = new(0);
    private static TaskCompletionSource gate = new();
    private static int runs;
    private readonly string key = new IdSource(TimeProvider.System).Next().ToString();

    public async Task InitializeAsync()
    {
        await using var command = database.Owner.Sql("""
            create table if not exists public.effects (key text not null);
            grant select, insert on public.effects to quoin_app
            """);
        await command.ExecuteNonQueryAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Is_done_once_and_answered_the_same_on_any_replica()
    {
        await using var a = await Start();
        await using var b = await Start();

        var first = await Send(a, "/v1/things", "{\"n\":1}");
        var again = await Send(b, "/v1/things", "{\"n\":1}");

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        first.Headers.Contains("Idempotency-Replayed").ShouldBeFalse();
        again.StatusCode.ShouldBe(HttpStatusCode.Created);
        again.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        again.Headers.Location.ShouldBe(first.Headers.Location);
        again.Content.Headers.ContentType.ShouldBe(first.Content.Headers.ContentType);
        (await again.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Is_done_each_time_without_a_key()
    {
        await using var host = await Start();

        var first = await Send(host, "/v1/things", "{\"n\":1}", withKey: false);
        var second = await Send(host, "/v1/things", "{\"n\":1}", withKey: false);

        (await second.Content.ReadAsStringAsync()).ShouldNotBe(await first.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1/things", "{\"n\":2}")]
    [InlineData("/v1/things?x=1", "{\"n\":1}")]
    [InlineData("/v1/failing", "{\"n\":1}")]
    public async Task Is_refused_when_it_is_another_request_with_the_same_key(string path, string body)
    {
        await using var host = await Start();
        await Send(host, "/v1/things", "{\"n\":1}");

        var other = await Send(host, path, body);

        await other.Problem(409, "idempotency_conflict");
    }

    [Fact]
    public async Task Is_another_request_for_another_caller_realm()
    {
        await using var host = await Start();

        var customers = await Send(host, "/v1/things", "{\"n\":1}");
        var operators = await Send(host, "/v1/things", "{\"n\":2}", caller: SmallHost.OperatorKey);

        operators.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await operators.Content.ReadAsStringAsync()).ShouldNotBe(await customers.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Is_refused_with_a_key_that_is_too_long()
    {
        await using var host = await Start();

        var refused = await Send(host, "/v1/things", "{}", idempotencyKey: new string('k', 256));
        var taken = await Send(host, "/v1/things", "{\"n\":1}", idempotencyKey: key.PadRight(255, 'k'));

        await refused.Problem(400, "idempotency_key_invalid");
        taken.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("/v1/failing")]
    [InlineData("/v1/throwing")]
    [InlineData("/v1/busy")]
    public async Task Is_done_again_after_a_failure_that_may_pass(string path)
    {
        await using var host = await Start();

        var first = await Send(host, path, "{\"n\":1}");
        var second = await Send(host, path, "{\"n\":1}");

        second.StatusCode.ShouldBe(first.StatusCode);
        second.Headers.Contains("Idempotency-Replayed").ShouldBeFalse();
    }

    [Fact]
    public async Task Gets_the_same_refusal_again_when_it_is_final()
    {
        await using var host = await Start();

        await Send(host, "/v1/refusing", "{\"n\":1}");
        var second = await Send(host, "/v1/refusing", "{\"n\":1}");

        (await second.Content.ReadAsStringAsync()).ShouldContain("\"code\":\"not_found\"");
        second.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
    }

    [Fact]
    public async Task Waits_for_the_first_one_and_gets_its_answer()
    {
        await using var a = await Start();
        await using var b = await Start();
        gate = new TaskCompletionSource();

        var first = Send(a, "/v1/slow", "{\"n\":1}");
        await Entered.WaitAsync(TimeSpan.FromSeconds(20));
        var second = Send(b, "/v1/slow", "{\"n\":1}");
        gate.SetResult();

        (await (await first).Content.ReadAsStringAsync()).ShouldBe(await (await second).Content.ReadAsStringAsync());
        (await second).Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
    }

    [Fact]
    public async Task Is_told_to_come_back_when_the_first_takes_long()
    {
        await using var host = await Start();
        gate = new TaskCompletionSource();

        var first = Send(host, "/v1/slow", "{\"n\":1}");
        await Entered.WaitAsync(TimeSpan.FromSeconds(20));
        var second = await Send(host, "/v1/slow", "{\"n\":1}");
        gate.SetResult();

        var problem = await second.Problem(409, "idempotency_in_progress");
        problem.GetProperty("retryable").GetBoolean().ShouldBeTrue();
        second.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Is_finished_though_its_client_left_and_answered_whole_when_he_comes_back()
    {
        await using var host = await Start();
        using var leaving = new CancellationTokenSource();
        gate = new TaskCompletionSource();

        var first = Send(host, "/v1/slow", "{\"n\":1}", cancellationToken: leaving.Token);
        await Entered.WaitAsync(TimeSpan.FromSeconds(20));
        await leaving.CancelAsync();
        await Left.WaitAsync(TimeSpan.FromSeconds(20));
        gate.SetResult();
        var second = await Send(host, "/v1/slow", "{\"n\":1}");

        await Should.ThrowAsync<OperationCanceledException>(first);
        (await second.Content.ReadAsStringAsync()).ShouldBe($$"""{"run":{{runs}}}""");
        second.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
    }

    [Fact]
    public async Task Is_taken_over_from_a_killed_replica()
    {
        await using var host = await Start();
        await Send(host, "/v1/things", "{\"n\":1}");
        await Die();

        var second = await Send(host, "/v1/things", "{\"n\":1}");
        var third = await Send(host, "/v1/things", "{\"n\":1}");

        second.StatusCode.ShouldBe(HttpStatusCode.Created);
        second.Headers.Contains("Idempotency-Replayed").ShouldBeFalse();
        (await third.Content.ReadAsStringAsync()).ShouldBe(await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Is_not_done_again_when_its_host_died_after_the_commit_that_completed_it()
    {
        await using var host = await Start();
        await Send(host, "/v1/completing", "{\"n\":1}");
        await Die();

        var second = await Send(host, "/v1/completing", "{\"n\":1}");

        await second.Problem(409, "idempotency_answer_not_kept");
        (await Execute("select count(*) from public.effects where key = $1")).ShouldBe(1L);
    }

    [Fact]
    public async Task Is_not_done_again_when_it_failed_after_the_commit_that_completed_it()
    {
        await using var host = await Start();

        var first = await Send(host, "/v1/completing?then=fail", "{\"n\":1}");
        var second = await Send(host, "/v1/completing?then=fail", "{\"n\":1}");

        ((int)first.StatusCode).ShouldBe(500);
        await second.Problem(409, "idempotency_answer_not_kept");
        (await Execute("select count(*) from public.effects where key = $1")).ShouldBe(1L);
    }

    [Fact]
    public async Task Is_done_again_when_the_transaction_that_completed_it_was_rolled_back()
    {
        await using var host = await Start();

        await Send(host, "/v1/completing?then=roll_back", "{\"n\":1}");
        var second = await Send(host, "/v1/completing?then=roll_back", "{\"n\":1}");

        ((int)second.StatusCode).ShouldBe(500);
        (await Execute("select count(*) from public.effects where key = $1")).ShouldBe(0L);
    }

    [Fact]
    public async Task Cannot_be_completed_by_who_was_taken_over()
    {
        await using var host = await Start();

        var stalled = await Send(host, "/v1/completing?first=be_taken_over", "{\"n\":1}");

        await stalled.Problem(409, "idempotency_in_progress");
        (await Execute("select count(*) from public.effects where key = $1")).ShouldBe(0L);
    }

    [Fact]
    public async Task Keeps_its_answer_encrypted()
    {
        await using var host = await Start();

        await Send(host, "/v1/things", "{\"n\":1}");

        var body = (byte[])(await Execute("select body from platform.idempotency_keys where key = $1"))!;
        Encoding.Latin1.GetString(body).ShouldNotContain("run");
    }

    [Fact]
    public async Task Is_told_to_read_when_the_answer_was_too_long_to_keep()
    {
        await using var host = await Start();

        var first = await Send(host, "/v1/long", "{\"n\":1}");
        var second = await Send(host, "/v1/long", "{\"n\":1}");

        (await first.Content.ReadAsByteArrayAsync()).Length.ShouldBe(IdempotencyLimits.AnswerBytesMax + 1);
        await second.Problem(409, "idempotency_answer_not_kept");
    }

    [Fact]
    public async Task Is_forgotten_after_more_than_a_day()
    {
        await using var host = await Start();
        await Send(host, "/v1/things", "{\"n\":1}");
        var clock = new SettableClock(TimeProvider.System.GetUtcNow());
        await using var replica = new TestReplica(database, clock);
        await replica.Prepare();

        clock.Advance(TimeSpan.FromHours(24));
        await replica.Get<JobRunner>().RunDue(default);
        (await Execute("select 1 from platform.idempotency_keys where key = $1")).ShouldBe(1);
        clock.Advance(TimeSpan.FromHours(2));
        await replica.Get<JobRunner>().RunDue(default);

        (await Execute("select 1 from platform.idempotency_keys where key = $1")).ShouldBeNull();
    }

    private static void Map(IEndpointRouteBuilder routes)
    {
        var things = routes.MapGroup("/v1").RequiresWithoutOrg(Permission.UsageRead).Idempotent();
        foreach (var (path, handler) in new (string, Delegate)[]
        {
            ("/things", CreateThing), ("/failing", Fail), ("/throwing", Throw), ("/busy", Busy), ("/refusing", Refuse),
            ("/slow", Slow), ("/long", Long), ("/completing", Complete),
        })
        {
            things.MapPost(path, handler);
        }
    }

    private static IResult CreateThing(Thing thing) =>
        TypedResults.Created($"/v1/things/{Interlocked.Increment(ref runs)}", new { run = runs, thing.N });

    private static Problem Fail(Thing thing) => new(PlatformProblems.DatabaseUnavailable, "on purpose");

    private static Problem Throw(Thing thing) => throw new InvalidOperationException("on purpose");

    private static Problem Busy(Thing thing) => new(PlatformProblems.IdempotencyInProgress, "retryable without Retry-After");

    private static Problem Refuse(Thing thing) => new(PlatformProblems.NotFound, "on purpose");

    private static async Task<IResult> Slow(Thing thing, CancellationToken cancellationToken)
    {
        Entered.Release();
        await gate.Task;
        cancellationToken.ThrowIfCancellationRequested();
        return TypedResults.Ok(new { run = Interlocked.Increment(ref runs) });
    }

    private static async Task<IResult> Complete(Thing thing, HttpContext context, NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        await using (var effect = transaction.Sql("insert into public.effects values ($1)", key))
        {
            await effect.ExecuteNonQueryAsync();
        }

        if (context.Request.Query["first"] == "be_taken_over")
        {
            await using var takeOver = database.Sql(
                "update platform.idempotency_keys set lease_version = lease_version + 1 where key = $1", key);
            await takeOver.ExecuteNonQueryAsync();
        }

        await context.IdempotentRequest().Complete(transaction, default);
        if (context.Request.Query["then"] == "roll_back")
        {
            throw new InvalidOperationException("before the commit");
        }

        await transaction.CommitAsync();
        return context.Request.Query["then"] == "fail"
            ? throw new InvalidOperationException("after the commit")
            : TypedResults.Ok();
    }

    private static IResult Long(Thing thing) => TypedResults.Bytes(new byte[IdempotencyLimits.AnswerBytesMax + 1]);

    private Task<SmallHost> Start() => SmallHost.Start(Map, services =>
    {
        services.AddSingleton(database.App);
        services.AddSingleton(MasterKeys.Given(Convert.ToBase64String(new byte[32])));
        services.AddSingleton(new HostRoles(Api: true, Worker: false, Gateway: false));
        services.AddPlatform();
        services.AddSingleton<IStartupFilter, NoticesLeaving>();
    });

    private async Task<HttpResponseMessage> Send(
        SmallHost host,
        string path,
        string body,
        bool withKey = true,
        string? idempotencyKey = null,
        string caller = SmallHost.CustomerKey,
        CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller);
        if (withKey)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey ?? key);
        }

        return await host.Client.SendAsync(request, cancellationToken);
    }

    // What a host leaves that dies after its handler's last commit and before it keeps the answer.
    private Task Die() => Execute("""
        update platform.idempotency_keys
        set status = null, headers = null, body = null, lease_expires_at = '2020-01-01'
        where key = $1
        """);

    private async Task<object?> Execute(string sql)
    {
        await using var command = database.Owner.Sql(sql, key);
        return await command.ExecuteScalarAsync();
    }

    private sealed record Thing(int N);

    private sealed class NoticesLeaving : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, rest) =>
            {
                context.RequestAborted.Register(() => Left.Release());
                return rest(context);
            });
            next(app);
        };
    }
}
