using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Tests.Support;
using Limits = Quoin.Notifications.Limits;

namespace Quoin.Tests.Database.Foundation.Notifications;

/// <summary>Each test has its own database: a replica sends whatever is due in it.</summary>
public sealed class SendingMailToPeople : IAsyncLifetime
{
    private const string Secret = "https://quoin.example/reset-password?token=qn_mail_secret";

    private readonly TestDatabase database = new();
    private readonly SettableClock clock = new();
    private readonly MailServer server = new();
    private readonly string folder = Directory.CreateTempSubdirectory("quoin-mails-").FullName;
    private NotificationsReplica replica = null!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        replica = new NotificationsReplica(database, clock, server.Options);
    }

    public async Task DisposeAsync()
    {
        await replica.DisposeAsync();
        await server.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Keeps_the_text_encrypted_and_only_until_it_is_handed_over()
    {
        await Write(replica);
        var before = await SealedTexts();
        await Send(replica);

        var kept = before.ShouldHaveSingleItem().ShouldNotBeNull();
        System.Text.Encoding.Latin1.GetString(kept).ShouldNotContain("qn_mail");
        (await SealedTexts()).ShouldBe([null]);
        var mail = server.Mails.ShouldHaveSingleItem();
        mail.To.ShouldContain("ada@example.com");
        mail.Text.Replace("=" + Environment.NewLine, "", StringComparison.Ordinal).ShouldContain("token=3Dqn_mail_secret");
    }

    [Fact]
    public async Task Sends_nothing_of_what_was_rolled_back()
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await replica.Services.Get<IMails>().Send(transaction, ToAda, default);
        }

        await Send(replica);

        server.Mails.ShouldBeEmpty();
    }

    [Fact]
    public async Task Removes_the_text_of_what_was_refused_for_good_or_may_have_arrived()
    {
        server.RecipientReply = "550 No such person";
        await Write(replica);
        await Send(replica);
        server.RecipientReply = "250 OK";
        server.BeforeReply = client =>
        {
            client.Close();
            return Task.CompletedTask;
        };

        await Write(replica);
        await Send(replica);

        (await SealedTexts()).ShouldBe([null, null]);
        (await States()).ShouldBe(["dead", "uncertain"]);
    }

    [Fact]
    public async Task Tries_again_what_was_refused_for_now()
    {
        server.RecipientReply = "450 Try later";
        await Write(replica);
        await Send(replica);
        server.RecipientReply = "250 OK";

        clock.Advance(Limits.MailRetryFirst * 1.2);
        await Send(replica);

        server.Mails.ShouldHaveSingleItem();
        (await States()).ShouldBe(["sent"]);
    }

    [Fact]
    public async Task Puts_mails_into_a_folder_and_the_outbox_where_there_is_no_mail_server()
    {
        await using var without = new NotificationsReplica(
            database, clock, new NotificationOptions { MailFolder = Path.Combine(folder, "mails") });

        await Write(without);
        await Send(without);

        var outbox = without.Services.Get<MailOutbox>();
        outbox.IsInUse.ShouldBeTrue();
        var mail = (await outbox.Latest(default)).ShouldHaveSingleItem();
        mail.Text.ShouldBe($"Press here:\n{Secret}\n");
        mail.To.ShouldBe("ada@example.com");
        var file = Directory.GetFiles(Path.Combine(folder, "mails"), "*.eml").ShouldHaveSingleItem();
        (await File.ReadAllTextAsync(file)).ShouldContain("Subject: Set a new password");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(folder, "mails")).ShouldBe(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Shows_no_outbox_where_there_is_a_mail_server()
    {
        await Write(replica);

        var outbox = replica.Services.Get<MailOutbox>();

        outbox.IsInUse.ShouldBeFalse();
        (await outbox.Latest(default)).ShouldBeEmpty();
    }

    private static Mail ToAda => new("ada@example.com", "Set a new password", $"Press here:\n{Secret}\n", "password.reset");

    private static Task<bool> Write(NotificationsReplica replica) => replica.Services.InTransaction(async transaction =>
    {
        await replica.Services.Get<IMails>().Send(transaction, ToAda, default);
        return true;
    });

    private static Task Send(NotificationsReplica replica) =>
        replica.Services.Get<Pumps>().RunUntilIdle("notifications.sealed_mails", default);

    private async Task<List<byte[]?>> SealedTexts()
    {
        await using var command = database.Owner.CreateCommand(
            "select sealed_text from notifications.sealed_mails order by mail_id");
        await using var row = await command.ExecuteReaderAsync();
        var texts = new List<byte[]?>();
        while (await row.ReadAsync())
        {
            texts.Add(row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0));
        }

        return texts;
    }

    private async Task<List<string>> States()
    {
        await using var command = database.Owner.CreateCommand(
            "select state from notifications.sealed_mails order by mail_id");
        await using var row = await command.ExecuteReaderAsync();
        var states = new List<string>();
        while (await row.ReadAsync())
        {
            states.Add(row.GetString(0));
        }

        return states;
    }
}
